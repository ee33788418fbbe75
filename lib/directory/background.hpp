// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <future>
#include <utility>

namespace xgate::directory {

/// The calling thread leaves the processor to others from now on: it can never take this back
/// without rights that a broker does not have.
void stand_back() noexcept;

/// The calling thread gets a table of descriptors of its own, with 0 to 2 and this one, and so do
/// the threads it starts: in a table that threads share the kernel counts every use of a
/// descriptor, which made each read and write of the broker's thread a seventh dearer. From then on
/// no descriptor but `kept` may be handed from the one thread to the other.
void own_descriptors(int kept) noexcept;

/// Does long work on a thread that stands back, and waits for it. What it throws is thrown here.
template <class Work>
auto in_background(Work work) {
  return std::async(std::launch::async,
                    [&work] {
                      stand_back();
                      return work();
                    })
      .get();
}

}  // namespace xgate::directory
