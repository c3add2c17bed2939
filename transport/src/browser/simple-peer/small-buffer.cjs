// simple-peer makes Buffers of messages only; browsers have something for that.
module.exports = { Buffer: { from: (bytes) => new Uint8Array(bytes) } };
