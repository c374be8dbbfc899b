/* dirty MIB SECONDS: write to every page of MIB mebibytes, wait SECONDS, again and again.
 *
 * A guest that leaves its memory alone migrates so quickly that faults of the network stay hidden.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PAGE = 4096 };

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: dirty MIB SECONDS\n", stderr);
        return 2;
    }
    size_t size = strtoul(argv[1], NULL, 10) << 20;
    unsigned seconds = strtoul(argv[2], NULL, 10);
    volatile unsigned char *memory = malloc(size ? size : 1);
    if (!memory) {
        perror("dirty");
        return 1;
    }
    for (unsigned char value = 1;; value++) {
        for (size_t offset = 0; offset < size; offset += PAGE)
            memory[offset] = value;
        sleep(seconds);
    }
}
