// Stands for an entry in /etc/hosts, which a test may not write: loaded with LD_PRELOAD into a
// client, it resolves one name to a loopback address and leads connections to that address's port
// 443 to the port where the test's server listens. Nothing else of the client changes.
//   BELAY_NAME_OVERRIDE=in1.api.clevertap.com=127.0.0.1:34567
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

typedef int (*getaddrinfo_type)(const char*, const char*, const struct addrinfo*, struct addrinfo**);
typedef int (*connect_type)(int, const struct sockaddr*, socklen_t);

struct override {
  char name[256];
  char address[64];
  unsigned port;
};

static int read_override(struct override* o) {
  const char* text = getenv("BELAY_NAME_OVERRIDE");
  return text != NULL && sscanf(text, "%255[^=]=%63[^:]:%u", o->name, o->address, &o->port) == 3;
}

int getaddrinfo(const char* node, const char* service, const struct addrinfo* hints, struct addrinfo** result) {
  getaddrinfo_type real = (getaddrinfo_type)dlsym(RTLD_NEXT, "getaddrinfo");
  struct override o;
  if (node != NULL && read_override(&o) && strcmp(node, o.name) == 0) node = o.address;
  return real(node, service, hints, result);
}

int connect(int fd, const struct sockaddr* address, socklen_t length) {
  connect_type real = (connect_type)dlsym(RTLD_NEXT, "connect");
  struct override o;
  if (address != NULL && address->sa_family == AF_INET && length >= sizeof(struct sockaddr_in) && read_override(&o)) {
    struct sockaddr_in in;
    memcpy(&in, address, sizeof in);
    if (ntohs(in.sin_port) == 443 && in.sin_addr.s_addr == inet_addr(o.address)) {
      in.sin_port = htons((unsigned short)o.port);
      return real(fd, (const struct sockaddr*)&in, sizeof in);
    }
  }
  return real(fd, address, length);
}
