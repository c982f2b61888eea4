import { parentPort } from 'node:worker_threads';
import nacl from 'tweetnacl';
import type { SignRequest } from './sign-request.js';

/** A thread that signs, see thread-signer.ts. It loads little, since it is started again and again. */
parentPort?.on('message', (request: SignRequest) => {
  parentPort?.postMessage(
    request.do === 'sign'
      ? nacl.sign.detached(request.message, request.secretKey)
      : nacl.sign.keyPair.fromSeed(request.seed).publicKey,
  );
});
