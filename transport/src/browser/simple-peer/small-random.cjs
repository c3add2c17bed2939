// For names in debug output and of channels.
module.exports = (count) => ({
  toString() {
    const bytes = globalThis.crypto.getRandomValues(new Uint8Array(count));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  },
});
