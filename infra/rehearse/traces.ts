/**
 * Loaded before the synthesis of a rehearsal. cdktf writes where an element was created as `stackTrace` beside its
 * path, but never records it: the synthesis of a deployment has no traces, and is the same on every machine.
 */
import { Node } from 'constructs';

const { addMetadata } = Node.prototype;
Node.prototype.addMetadata = function (type, data, options) {
  addMetadata.call(this, type, data, type === 'stacktrace' ? { ...options, stackTrace: true } : options);
};
