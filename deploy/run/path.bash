# SPDX-License-Identifier: Apache-2.0
# Debian leaves the folders of servers (mosquitto) and of administration out of an ordinary user's PATH, and `su` out of root's.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
