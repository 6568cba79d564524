export { type Decoded, decodeText } from './decode-text.js';
export { decodeStream, detectCharset, isKnownCharset } from './decode-stream.js';
