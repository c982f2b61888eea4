/** What docs/config.md says of scan groups behind the table of fields. */
export const SCAN_GROUPS_NOTES = `### Scan groups

Quantities of one analyser may have periods of their own: voltage, current and power each second, energies each minute, THD each quarter of an hour.

\`\`\`yaml
sampleSeconds: 60
analysers:
  - id: mains
    line: line-1
    unit: 1
    profile: circutor-cvm-c10
    scanGroups:
      - { seconds: 1, quantities: ["voltageL*", "currentL*", "activePowerL*"] }
      - { seconds: 900, quantities: ["thd*"] }
\`\`\`

\`farola-agent config check\` tells what is read how often, \`farola-agent meter plan\` with which requests, and \`farola-agent status\` how many samples
were left out since their line was busy. Every group is read at whole multiples of its period on the wall clock, and all of them once at the start. Of what is
due at once on a line the shorter periods go first and silent analysers last, but none goes again before one that waited when it last went. A period that
passes meanwhile is left out and never made up for. A group of one second needs its requests to fit into that second beside those of all
others on the line: a \`pass\` of \`meter plan\`.

What a group costs on the link, for a lighting circuit over a day, coded as the agent sends it and with the polls that it takes more (an answer
carries 256 entries), in MB of 10^6 bytes a month of 30 days, by analyser:

| nine quantities: voltage, current and active power of three phases | bytes a sample | MB a month |
| --- | ---: | ---: |
| each second | 6.0 | 22 |
| each 10 s | 6.0 | 1.6 |
| each 60 s | 6.7 | 0.3 |

A single quantity each second costs 12 MB, three of them 15 MB. A reading of three requests takes 1.1 bytes a sample more than one of one request, 3 MB a month at one
second, since it tells when each value was asked for. Panels on a contract of 10 MB a month have no room for one-second groups. In the journal a sample of nine quantities takes
45 bytes, 3.8 MB a day each second; \`journal.maxMb\` is to be seen with that.
`;
