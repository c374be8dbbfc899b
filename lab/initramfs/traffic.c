/* What a lab guest sends, receives and overhears.
 *
 *   traffic stream ADDRESS PORT RATE
 *       Exchanges sequence-numbered UDP datagrams with the same program at ADDRESS. Only listens at first;
 *       SIGUSR1 starts sending RATE datagrams a second, the next SIGUSR1 stops it.
 *   traffic listen INTERFACE
 *       Counts every frame that reaches INTERFACE, by source MAC.
 *
 * Both say "listening" on stderr when they are ready for signals, end on SIGTERM and then print one JSON object.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <err.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { SEQUENCE_LIMIT = 1 << 20, STATION_LIMIT = 256 };

struct datagram {
    uint64_t sequence;    /* big endian */
    uint64_t departed_ms; /* sender's monotonic clock, big endian */
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * UINT64_C(1000) + now.tv_nsec / 1000000;
}

static int signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int descriptor = signalfd(-1, &set, SFD_CLOEXEC);
    if (descriptor < 0)
        err(1, "signalfd");
    return descriptor;
}

static uint32_t next_signal(int descriptor)
{
    struct signalfd_siginfo info;
    if (read(descriptor, &info, sizeof info) != sizeof info)
        err(1, "signalfd");
    return info.ssi_signo;
}

/* ---- stream ---- */

static struct {
    uint64_t sent, received, duplicated, reordered, longest_gap_ms;
} counts;

static socklen_t parse_address(const char *text, uint16_t port, struct sockaddr_storage *address)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        return sizeof *v4;
    }
    if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        return sizeof *v6;
    }
    errx(2, "%s is not an IP address", text);
}

static int bound_socket(int family, uint16_t port)
{
    struct sockaddr_storage any;
    socklen_t length = parse_address(family == AF_INET ? "0.0.0.0" : "::", port, &any);
    int descriptor = socket(family, SOCK_DGRAM, 0);
    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&any, length) < 0)
        err(1, "UDP port %u", port);
    return descriptor;
}

static void set_timer(int descriptor, unsigned rate, bool running)
{
    struct timespec period = {0};
    if (running)
        period = (struct timespec){.tv_sec = rate == 1, .tv_nsec = rate == 1 ? 0 : 1000000000 / rate};
    struct itimerspec timer = {.it_interval = period, .it_value = period};
    if (timerfd_settime(descriptor, 0, &timer, NULL) < 0)
        err(1, "timerfd_settime");
}

static void send_next(int timer, int udp, const struct sockaddr_storage *peer, socklen_t length)
{
    uint64_t expirations;
    if (read(timer, &expirations, sizeof expirations) != sizeof expirations || counts.sent >= SEQUENCE_LIMIT)
        return;
    struct datagram datagram = {htobe64(counts.sent), htobe64(now_ms())};
    /* A send that fails (no route, no buffer) is a datagram lost: it counts as sent. */
    sendto(udp, &datagram, sizeof datagram, 0, (const struct sockaddr *)peer, length);
    counts.sent++;
}

static void note_gap(uint64_t earlier, uint64_t later)
{
    if (earlier && later > earlier && later - earlier > counts.longest_gap_ms)
        counts.longest_gap_ms = later - earlier;
}

/* The gap is the longer of two: between arrivals here and between the sender's departures. The clock of a guest
 * stands still while it is paused, so each end alone would overlook its own pause. */
static void receive(int udp)
{
    static bool seen[SEQUENCE_LIMIT];
    static uint64_t last_arrival, last_departure, highest;
    struct datagram datagram;
    if (recv(udp, &datagram, sizeof datagram, 0) != sizeof datagram)
        return;
    uint64_t sequence = be64toh(datagram.sequence), departure = be64toh(datagram.departed_ms);
    if (sequence >= SEQUENCE_LIMIT)
        return;
    if (seen[sequence]) {
        counts.duplicated++;
        return;
    }
    seen[sequence] = true;
    counts.received++;
    if (sequence < highest) {
        counts.reordered++;
        return;
    }
    highest = sequence;
    uint64_t arrival = now_ms();
    note_gap(last_arrival, arrival);
    note_gap(last_departure, departure);
    last_arrival = arrival;
    last_departure = departure;
}

static void stream(const char *address, uint16_t port, unsigned rate)
{
    struct sockaddr_storage peer;
    socklen_t length = parse_address(address, port, &peer);
    struct pollfd ready[] = {
        {.fd = signals(), .events = POLLIN},
        {.fd = timerfd_create(CLOCK_MONOTONIC, 0), .events = POLLIN},
        {.fd = bound_socket(peer.ss_family, port), .events = POLLIN},
    };
    fputs("listening\n", stderr);
    for (bool sending = false;;) {
        if (poll(ready, 3, -1) < 0)
            err(1, "poll");
        if (ready[0].revents) {
            if (next_signal(ready[0].fd) == SIGTERM)
                break;
            sending = !sending;
            set_timer(ready[1].fd, rate, sending);
        }
        if (ready[1].revents && sending)
            send_next(ready[1].fd, ready[2].fd, &peer, length);
        if (ready[2].revents)
            receive(ready[2].fd);
    }
    printf("{\"sent\": %" PRIu64 ", \"received\": %" PRIu64 ", \"duplicated\": %" PRIu64 ", \"reordered\": %" PRIu64
           ", \"longest_gap_ms\": %" PRIu64 "}\n",
           counts.sent, counts.received, counts.duplicated, counts.reordered, counts.longest_gap_ms);
}

/* ---- listen ---- */

static struct station {
    unsigned char mac[ETH_ALEN];
    uint64_t frames;
} stations[STATION_LIMIT];

static int packet_socket(const char *interface)
{
    int index = if_nametoindex(interface);
    struct sockaddr_ll here = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = index};
    struct packet_mreq promiscuous = {.mr_ifindex = index, .mr_type = PACKET_MR_PROMISC};
    int descriptor = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    if (!index || descriptor < 0 || bind(descriptor, (struct sockaddr *)&here, sizeof here) < 0 ||
        setsockopt(descriptor, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof promiscuous) < 0)
        err(1, "%s", interface);
    return descriptor;
}

static void overhear(int packets)
{
    struct ethhdr header;
    struct sockaddr_ll from;
    socklen_t length = sizeof from;
    ssize_t size = recvfrom(packets, &header, sizeof header, 0, (struct sockaddr *)&from, &length);
    if (size != sizeof header || from.sll_pkttype == PACKET_OUTGOING)
        return;
    for (struct station *station = stations; station < stations + STATION_LIMIT; station++) {
        if (!station->frames)
            memcpy(station->mac, header.h_source, ETH_ALEN);
        if (!memcmp(station->mac, header.h_source, ETH_ALEN)) {
            station->frames++;
            return;
        }
    }
}

static void print_stations(void)
{
    printf("{");
    for (struct station *s = stations; s < stations + STATION_LIMIT && s->frames; s++)
        printf("%s\"%02x:%02x:%02x:%02x:%02x:%02x\": %" PRIu64, s == stations ? "" : ", ", s->mac[0], s->mac[1],
               s->mac[2], s->mac[3], s->mac[4], s->mac[5], s->frames);
    puts("}");
}

static void listen_on(const char *interface)
{
    struct pollfd ready[] = {
        {.fd = signals(), .events = POLLIN},
        {.fd = packet_socket(interface), .events = POLLIN},
    };
    fputs("listening\n", stderr);
    while (!ready[0].revents) {
        if (ready[1].revents)
            overhear(ready[1].fd);
        if (poll(ready, 2, -1) < 0)
            err(1, "poll");
    }
    print_stations();
}

int main(int argc, char **argv)
{
    if (argc == 5 && !strcmp(argv[1], "stream"))
        stream(argv[2], atoi(argv[3]), atoi(argv[4]) > 0 ? atoi(argv[4]) : 1);
    else if (argc == 3 && !strcmp(argv[1], "listen"))
        listen_on(argv[2]);
    else
        errx(2, "usage: traffic stream ADDRESS PORT RATE | traffic listen INTERFACE");
    return 0;
}
