import { kidOf, type Signer, type Verify } from '@farola/shared';

/** What is used of sodium-native. It takes any bytes, which its types do not say. */
type Sodium = Pick<
  typeof import('sodium-native'),
  'crypto_sign_PUBLICKEYBYTES' | 'crypto_sign_SECRETKEYBYTES' | 'crypto_sign_BYTES' | 'crypto_sign_seed_keypair' | 'sodium_malloc'
> & {
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
};

async function loadSodium(): Promise<Sodium> {
  const module = (await import('sodium-native')) as unknown as { default: Sodium };
  return module.default;
}

/** Signs with sodium-native. @param seed private key, 32 bytes (RFC 8032 section 5.1.5) */
export async function sodiumSigner(seed: Uint8Array): Promise<Signer> {
  const sodium = await loadSodium();
  const publicKey = Buffer.alloc(sodium.crypto_sign_PUBLICKEYBYTES);
  const secretKey = sodium.sodium_malloc(sodium.crypto_sign_SECRETKEYBYTES);
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, Buffer.from(seed));
  return {
    publicKey: new Uint8Array(publicKey),
    kid: kidOf(publicKey),
    sign(message) {
      const signature = Buffer.alloc(sodium.crypto_sign_BYTES);
      sodium.crypto_sign_detached(signature, message, secretKey);
      return signature;
    },
  };
}

/** Verifies with sodium-native, which refuses S not below the group order and keys of small order. */
export async function sodiumVerify(): Promise<Verify> {
  const sodium = await loadSodium();
  return (publicKey, message, signature) =>
    publicKey.length === sodium.crypto_sign_PUBLICKEYBYTES &&
    signature.length === sodium.crypto_sign_BYTES &&
    sodium.crypto_sign_verify_detached(signature, message, publicKey);
}
