/**
 * Makes protobufjs read 64-bit fields as numbers. Generated code asks for `Long` when it loads, to make the defaults of
 * absent fields, so this must be imported before it.
 */
import protobuf from 'protobufjs/minimal.js';

(protobuf.util as { Long: unknown }).Long = null;
protobuf.configure();
