#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""V2-2, ENC-1, ENC-2 by the offline tools: login-params, encrypt, decrypt and session-key reproduce the worked examples
and need no service; secrets come from files or standard input too."""
import subprocess

from stand import builds, run
from stand.crypto import session_key

PRODUCT_KEY, DEVICE_SECRET = "DB6FACEF35BEBA0517712F0E4BE32936", "326086233FAB8A96566796551EB1DFF8"
SESSION_KEY = "A9AB8E82D2D4A60E67C99D3A446D6088"
PLAIN = '{"deviceId":"10000001","power":99}'
CIPHER = "CB96395F5065FD121D88B1593EFE44EA9C6A716A807B4AEA693CC0D0C2984B8B8F8D4F2DC41F8B3D973BDC4EC63EF974"
PASSWORD = ("5EB6BBC8DE5233E632389FA3E8E133F14DC0378BDDE5EDD73E64F682A79D14515CF9C8D4C5A0F469AD773DF9F4BFC8F0725CDE013D77D74F2"
            "2A59C33F8FE51622BE8CFAD9396E7811545F61CEDA9E4F9")


def xgate(*arguments, stdin=None):
    done = subprocess.run([builds.XGATE, *arguments], input=stdin, capture_output=True, text=True, timeout=60,
                          env=builds.xgate_environment())
    assert done.returncode == 0, done
    return done.stdout


def cli_offline_tools_agree_with_the_examples(_stand):
    said = xgate("login-params", "--open-id", "7ED01E2A", "--product-id", "AA30C505", "--node-eui", "20MQTTJ000121",
                 "--product-key", PRODUCT_KEY, "--device-secret", DEVICE_SECRET, "--type", "1", "--timestamp", "1675404867")
    for part in ("V2_AA30C505.20MQTTJ000121_1_1675404867", "7ED01E2A-AA30C505-20MQTTJ000121", PASSWORD):
        assert part in said, said
    assert CIPHER in xgate("encrypt", "--key", SESSION_KEY, PLAIN)
    assert PLAIN in xgate("decrypt", "--key", SESSION_KEY, CIPHER)
    said = xgate("session-key", "--session-id", "4655434B", "--nonce", "128", "--product-key", PRODUCT_KEY)
    assert session_key("4655434B", 128, PRODUCT_KEY).hex().upper() in said.upper(), said


run(cli_offline_tools_agree_with_the_examples, service=False)
