# SPDX-License-Identifier: Apache-2.0
"""Rows that are messages of a device that is logged in.

`device` says whose, `topic` where (below its T; "auth": /sys/device/auth with the AUTH- login), `body` the bytes.
`expect`: "CODE REQUIREMENT" of the answer and of the record; "silence REQUIREMENT" where there is nothing to reply to;
"closed" where the broker ends the connection. `alike` names rows whose answers must not differ by a byte.
`properties` are MQTT 5's, as a packet; `answer_id` is the MessageId that must come back, where it is not the row's ${id}.
"""
import json

from stand.device import ACK, AUTH_TOPIC, SUBSCRIBE, frame
from stand.hex_product import PROPERTIES

from . import connection as wire
from .notation import packet, shown, text
from .scene import View


def expected(case):
    return [each.strip() for each in case.expect.split(" | ")]


class FrameCases:
    def __init__(self, scene):
        self.scene = scene
        self._open = {}
        self._sent = []  # (case, device, number, code), each followed by a fence
        self._alike = {}

    def _connection(self, name, auth):
        key = (name, auth)
        if key in self._open:
            return self._open[key]
        device = self.scene.devices[name]
        connection = wire.Connection(self.scene.stand.broker.port)
        connection.login(5, *(device.auth_credentials() if auth else device.v2_credentials()))
        topics = [device.topic("downlink")] if auth else [device.topic(suffix) for suffix in SUBSCRIBE]
        connection.send(wire.subscribe(5, *topics, qos=0))
        told = connection.told(connection.receive())
        assert "8" not in told, told
        self._open[key] = connection
        return connection

    def _fence(self, device, topic, number):
        """A good message that goes the same way, so that its answer comes after all that was said before."""
        if topic == "auth":
            return AUTH_TOPIC, device.auth_request(message_id=f"fence-{number}")
        if topic.startswith("model/hex"):
            payload = device.seal(PROPERTIES) if device.session_key else PROPERTIES
            return device.topic("model/hex/report"), frame(18, payload, f"fence-{number}")
        payload = device.seal({"fence": number}) if device.session_key else {"fence": number}
        return device.topic("uplink"), frame(4, payload, f"fence-{number}")

    def run(self, case):
        device, auth = self.scene.devices[case.device], case.topic == "auth"
        number = self.scene.message_id()
        view = View(self.scene, device, id=number)
        body = text(case.body, view)
        topic = AUTH_TOPIC if auth else device.topic(case.topic)
        connection = self._connection(case.device, auth)
        properties = packet(case.get("properties", ""), view)
        sent = connection.send(wire.publish(5, topic, body, mid=1, properties=properties))
        fence_topic, fence = self._fence(device, case.topic, number)
        sent = sent and connection.send(wire.publish(5, fence_topic, fence.encode(), mid=2))
        answers = self._until_fence(connection, f'"fence-{number}"')
        if answers is None:
            connection.close()
            del self._open[(case.device, auth)]
            yield "", shown(body), "closed"
            return
        if not sent:
            answers = ["not sent"]
        yield "", shown(body), self._told(case, device, number, answers)

    def _until_fence(self, connection, fence):
        answers = []
        while True:
            received = connection.receive()
            if received is None:
                return None
            first, body = received
            if first >> 4 != 3:
                if first >> 4 == 4 and len(body) > 2 and body[2] not in (0, 0x10):
                    answers.append(f"PUBACK {body[2]:02x}")
                continue
            size = int.from_bytes(body[:2], "big")
            topic, rest = body[2:2 + size].decode(), body[2 + size:]
            payload = rest[1 + rest[0]:]  # properties of less than 128 bytes, QoS 0
            body = json.loads(payload)
            if json.dumps(body.get("MessageId")) == fence:
                return answers
            answers.append((topic, body, payload))

    def _told(self, case, device, number, answers):
        if not answers:
            code = "silence"
        elif len(answers) > 1 or isinstance(answers[0], str):
            return f"{len(answers)} answers: {answers!r}"
        else:
            topic, body, _ = answers[0]
            wanted = "downlink" if case.topic == "auth" else ACK.get(case.topic)
            if wanted is None or topic != device.topic(wanted):
                return f"an answer on {topic}: {body}"
            payload = body["Payload"]
            code = str(payload["Code"])
            fault = self._wrong_answer(case, number, body)
            if fault:
                return fault
        if not case.get("wrong"):
            self._sent.append((case, device, number, code))
        # What is on record is judged by unrecorded().
        return next((each for each in expected(case) if each.partition(" ")[0] == code), code)

    def _wrong_answer(self, case, number, body):
        said = body["Payload"]
        if str(said["Code"]) not in ("0", "200") and {"DeviceSecret", "SessionID", "Nonce"} & set(said):
            return f"a refusal that tells a secret: {sorted(said)}"
        wanted = case.get("answer_id")
        if wanted is None and "${id}" in case.body:
            wanted = str(number)
        if wanted is not None:
            wanted = wanted.replace("${id}", str(number))
        if wanted is not None and json.dumps(body["MessageId"]) != json.dumps(json.loads(wanted)):
            return f"the answer's MessageId is {json.dumps(body['MessageId'])}, not {wanted}"
        if case.get("says") and case.says not in said.get("Msg", ""):
            return f"the answer says {said.get('Msg')!r}"
        if case.get("lacks") in said:
            return f"the answer holds {case.lacks}"
        if case.get("alike"):
            first = self._alike.setdefault(case.alike, said.get("Msg"))
            if said.get("Msg") != first:
                return f"the answer says {said.get('Msg')!r} where others are told {first!r}"
        return None

    def unrecorded(self):
        """(case, what came) of rows that the message log does not hold as they say. A case's row stands right before
        its fence's, which was answered, so both are stored."""
        wrong = []
        for device in {device.name: device for _, device, _, _ in self._sent}.values():
            # in hex: what devices choose would look like more rows
            rows = self.scene.stand.database.sql(f"""
                SELECT encode(convert_to(coalesce(message_id, ''), 'UTF8'), 'hex'), coalesce(requirement, ''),
                       encode(convert_to(coalesce(reason, 'no reason'), 'UTF8'), 'hex') FROM message
                WHERE product_id = '{device.product.product_id}' AND node_eui = '{device.node_eui}' ORDER BY sequence""")
            rows = [(bytes.fromhex(message_id).decode(), requirement, bytes.fromhex(reason).decode())
                    for message_id, requirement, reason in rows]
            before = {row[0]: rows[at - 1] for at, row in enumerate(rows) if at}
            for case, whose, number, code in self._sent:
                if whose is not device:
                    continue
                message_id, requirement, reason = before.get(f'"fence-{number}"', ("", "", "nothing"))
                if message_id.startswith('"fence-'):
                    requirement, reason = "", "nothing"
                if f"{code} {requirement}".rstrip() not in expected(case) or reason == "nothing":
                    wrong.append((case, f"{code} {requirement}".rstrip() + f", on record: {reason}"))
        self._sent = []
        return wrong

    def close(self):
        for connection in self._open.values():
            connection.close()
        self._open.clear()
