import type { Table } from "../rule.ts"

/**
 * Failures without an HTTP answer. Bun before 1.4 says `ConnectionRefused` also for an unknown host,
 * later versions use Node's codes: every spelling counts (measured, see docs).
 */
export const network: Table = {
  family: "network",
  transport: [
    // Node, libuv and c-ares by their names, Python and Windows by their numbers; undici and Bun 1.2 to 1.4
    {
      proof: [/^e(?:socket)?timed?out$|^(?:errno(?:60|110)|winerror10060)$/],
      kind: "timeout",
      scope: "provider",
    },
    { proof: ["timeouterror", "readtimeout"], kind: "timeout" },
    {
      proof: [
        /^e(?:conn(?:reset|refused|aborted)|net(?:down|unreach|reset)|host(?:down|unreach)|ai_\w+|addrnotavail|pipe|proto|notconn|notfound|nodata|servfail|refused|badresp)$/,
        /^(?:und_err_(?:socket|closed)|hpe_\w+)$|^errno(?:32|54|61|10\d|11[1-3])$|^winerror1(?:00[4-6]|100)\d$/,
        "dnsexception",
        "apiconnectionerror",
        "network_error",
        "incompletemessage",
        "cert_not_yet_valid",
        "unable_to_verify_leaf_signature",
        "err_tls_handshake_timeout",
        "ssl_error_syscall",
        // Something in between answers: a proxy that leads in a circle, a port that speaks no HTTP.
        "toomanyredirects",
        "redirecturltoolong",
        "unsupportedredirectprotocol",
        "malformed_http_response",
        "zliberror",
        "brotlidecompressionerror",
        "zstddecompressionerror",
        // Exceptions of Python, httpx, requests and aiohttp
        "readerror",
        "writeerror",
        "remoteprotocolerror",
        "maxretryerror",
        "chunkedencodingerror",
        "proxyerror",
        "serverdisconnectederror",
        "clientconnectorerror",
        "clientoserror",
      ],
      kind: "network",
    },
    // Bun, whatever it was that failed; undici and Safari's engine, which say no more
    { phrases: ["in the second argument to fetch"], kind: "network" },
    { pattern: /^(?:typeerror: )?load failed$/m, kind: "network" },
    { pattern: /(?:^|(?<!\bsignal): )terminated\]?$/m, kind: "network" },
    // A firewall on the user's own machine, as Node and Go tell it
    {
      pattern:
        /\bconnect (?:eperm|eacces) [\d[:]|\bdial tcp\b.{0,80}: connect: (?:operation not permitted|permission denied)\b/,
      kind: "network",
    },
    // Apple's URL Loading System, https://developer.apple.com/documentation/foundation/nsurlerrordomain
    { phrases: ["nsurlerrordomain"], pattern: /-1001\b/, kind: "timeout" },
    { phrases: ["nsurlerrordomain"], kind: "network" },
    // Node's parser of HTTP: a port that speaks something else
    {
      pattern:
        /(?<!json )\bparse error: (?:expected http|missing expected|invalid (?:character in|header|eof|http|status)|data after|header overflow|content-length|response does not match)/,
      kind: "network",
    },
    // urllib3, in front of what it was that failed each time: a time-out is called an error of the connection, too
    {
      phrases: ["max retries exceeded with url"],
      pattern: /\bcaused by (?:connect|read)timeouterror\b/,
      kind: "timeout",
      scope: "provider",
    },
    { phrases: ["max retries exceeded with url"], kind: "network" },
  ],
}
