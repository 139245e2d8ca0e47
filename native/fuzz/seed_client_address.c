/*
 * Writes the seeds of corpus/client_address: `make -C native/test seeds`. One story of every kind:
 * four octets of settings, then per packet what is done with it, its length and its octets.
 */
#include <stdio.h>

#include "sample.h"

struct seed {
	const char *name;
	const char *hex;
};

#define PORTS "9c41 1f90 "
#define TAIL " 7210 0000 0000 "
#define SYN_TO "0014 " PORTS "01020304 00000000 5002" TAIL
#define ACK_TO "0014 " PORTS "01020305 0a0b0c0e 5010" TAIL
#define FULL PORTS "01020305 0a0b0c0e f010" TAIL "0101080a1122334455667788 fe08 0050 7f000001 "
#define V2_LOCAL "0d0a0d0a000d0a515549540a 20000000"

static const struct seed seeds[] = {
	{"toa-v4", "00 40 ff 00 02" SYN_TO "00" ACK_TO
		   "01 0014 1f909c41 0a0b0c0e 01020306 5010" TAIL "00" ACK_TO},
	{"toa-v6", "03 40 ff 00 02" SYN_TO "00" ACK_TO},
	{"toa-spoofed", "00 40 ff 00 02" SYN_TO "00 003c " FULL
			"fe14 0050 00000000000000000000000000000000"},
	{"toa-kept", "04 40 ff 00 02" SYN_TO "00 001c " PORTS "01020305 0a0b0c0e 7010" TAIL
		     "fe08 0050 7f000001"},
	{"mss", "00 40 ff 00 03 0018 " PORTS "01020304 00000000 6012" TAIL "020405b4"},
	{"uoa-opp", "00 40 ff 00 04 000b 9c410035 000b0000 616263"},
	{"uoa-opp-v6-small", "03 40 00 00 04 000b 9c410035 000b0000 616263"},
	{"uoa-ipo", "08 40 ff 00 04 000b 9c410035 000b0000 616263"},
	{"uoa-spoofed", "00 40 ff 00 05 1014 1f089c40c6336407 9c410035 000c0000 61626364"},
	{"proxy-udp", "00 40 ff 01 06 001b 9c410035 001b0000 " V2_LOCAL "616263"},
	{"proxy-v2",
		"00 7f ff 01 07" SYN_TO "07" ACK_TO "08 0014 1f909c41 0a0b0c0e 01020321 5010" TAIL
		"07 0017 " PORTS "01020305 0a0b0c0e 5018" TAIL "616263"
		"08 0020 1f909c41 0a0b0c0e 01020322 8010" TAIL "0101050a 01020330 01020340"},
	{"proxy-v1-v6-apart", "03 7f 08 00 07" SYN_TO "07" ACK_TO "07 0017 " PORTS
			      "01020305 0a0b0c0e 5018" TAIL "616263"},
	{"proxy-translated", "00 7f ff 03 07" SYN_TO "07 0023 " PORTS "01020305 0a0b0c0e 5018" TAIL
			     "50524f585920554e4b4e4f574e0d0a"
			     "08 0014 1f909c41 0a0b0c0e 01020315 5010" TAIL},
	{"proxy-line",
		"00 7f ff 00 07" SYN_TO "07 003a " PORTS "01020305 0a0b0c0e 5018" TAIL
		"50524f58592054435034203120322e332e342e352035203620370d0a 5052 4f58 59 20 31"},
};

int
main(int arguments_count, char **arguments)
{
	uint8_t octets[1024];

	if (arguments_count != 2)
		return 2;
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		uint32_t bytes = sample_parse(seeds[i].hex, octets);
		char path[256];
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s", arguments[1], seeds[i].name);
		file = fopen(path, "wb");
		if (file == NULL)
			return 1;
		fwrite(octets, 1, bytes, file);
		fclose(file);
	}
	return 0;
}
