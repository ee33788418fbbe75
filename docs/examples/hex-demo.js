// SPDX-License-Identifier: Apache-2.0
// A parsing script for the frames of the protocol's examples (HEX-1 to HEX-4). Big endian:
//
//   up    00 int16 bool float32    properties       00 f0ff 01 3fa00000
//         04 uint8                 event "alarm"    04 07
//         03 uint8 int16           reply to "calibrate": 0 is success, then the offset
//   down  01 id int16 bool float32 set              01 01 002d 01 42f6e76d
//         02 id                    ask
//         05 id int16              call "calibrate"
//
// `id` is the low byte of the platform's number of the command.

function rawDataToProtocol(bytes) {
  var view = new DataView(new Uint8Array(bytes).buffer);
  switch (bytes[0]) {
    case 0x00:
      return {
        method: "thing.event.property.post",
        id: "1",
        version: "1.0",
        params: {
          prop_int16: view.getInt16(1),
          prop_bool: view.getUint8(3),
          prop_float: view.getFloat32(4)
        }
      };
    case 0x03:
      return {
        code: bytes[1] === 0 ? "200" : "4001",
        data: { offset: view.getInt16(2) }
      };
    case 0x04:
      return {
        method: "thing.event.alarm.post",
        id: "1",
        version: "1.0",
        params: { code: view.getUint8(1) }
      };
    default:
      throw new Error("there is no frame " + bytes[0]);
  }
}

function protocolToRawData(json) {
  var id = Number(json.id) & 0xff;
  var params = json.params;
  switch (json.method) {
    case "thing.service.property.set":
      return [0x01, id].concat(
        int16(params.prop_int16),
        [params.prop_bool ? 1 : 0],
        float32(params.prop_float)
      );
    case "thing.service.property.get":
      return [0x02, id];
    case "thing.service.calibrate":
      return [0x05, id].concat(int16(params.offset));
    default:
      throw new Error("there is no frame for " + json.method);
  }
}

function int16(value) {
  var bytes = new Uint8Array(2);
  new DataView(bytes.buffer).setInt16(0, value || 0);
  return [].slice.call(bytes);
}

function float32(value) {
  var bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value || 0);
  return [].slice.call(bytes);
}
