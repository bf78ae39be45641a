// A name server that changes its mind, loaded into the server with LD_PRELOAD: each time BELAY_REBIND_NAME is
// resolved, the next address of BELAY_REBIND_TO (separated by commas) is the answer; the last one stays.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef int (*getaddrinfo_type)(const char*, const char*, const struct addrinfo*, struct addrinfo**);

int getaddrinfo(const char* node, const char* service, const struct addrinfo* hints, struct addrinfo** result) {
  static atomic_int asked;
  getaddrinfo_type real = (getaddrinfo_type)dlsym(RTLD_NEXT, "getaddrinfo");
  const char* name = getenv("BELAY_REBIND_NAME");
  const char* list = getenv("BELAY_REBIND_TO");
  char address[64] = "";
  if (node == NULL || name == NULL || list == NULL || strcmp(node, name) != 0)
    return real(node, service, hints, result);
  for (int skip = atomic_fetch_add(&asked, 1); skip > 0 && strchr(list, ',') != NULL; --skip)
    list = strchr(list, ',') + 1;
  strncat(address, list, strcspn(list, ",") < 63 ? strcspn(list, ",") : 63);
  return real(address, service, hints, result);
}
