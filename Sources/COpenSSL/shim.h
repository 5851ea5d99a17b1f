// The one-shot SHA256 calls are deprecated in OpenSSL 3 in favour of per-call EVP fetches, which cost
// four to six times as much for the short inputs that a ledger hashes.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
