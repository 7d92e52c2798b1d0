// Bytes as text in base64, and back.
export function toText(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
export const toBytes = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
