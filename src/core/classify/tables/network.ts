import type { Table } from "../rule.ts"

/**
 * Failures without an HTTP answer. Bun before 1.4 says `ConnectionRefused` also for an unknown host,
 * later versions use Node's codes: every spelling counts (measured, see docs).
 */
export const network: Table = {
  family: "network",
  transport: [
    {
      source: "Bun 1.2 to 1.4, Node and undici error codes",
      rows: [
        {
          proof: [
            "etimedout",
            "etimeout",
            "winerror10060",
            "errno110",
            "errno60",
            "esockettimedout",
            "connectiontimeout",
          ],
          kind: "timeout",
          scope: "provider",
        },
        { proof: ["timeouterror"], kind: "timeout" },
        {
          proof: [
            "econnrefused",
            "winerror10061",
            "winerror10054",
            "winerror10053",
            "winerror10049",
            "winerror10051",
            "winerror10065",
            "winerror11001",
            "errno104",
            "errno111",
            "errno113",
            "errno101",
            "errno32",
            "errno54",
            "errno61",
            "econnreset",
            "econnaborted",
            "epipe",
            "enotfound",
            "eai_again",
            "eai_fail",
            "eservfail",
            "erefused",
            "enodata",
            "ebadresp",
            "enetunreach",
            "enetdown",
            "enetreset",
            "ehostunreach",
            "ehostdown",
            "enotconn",
            "eaddrnotavail",
            "und_err_socket",
            "und_err_closed",
            "dnsexception",
            "incompletemessage",
            "apiconnectionerror",
            "network_error",
          ],
          kind: "network",
        },
        // Something in between answers: a proxy that leads in a circle, a port that speaks no HTTP.
        {
          proof: [
            "toomanyredirects",
            "redirecturltoolong",
            "unsupportedredirectprotocol",
            "malformed_http_response",
            "zliberror",
            "brotlidecompressionerror",
            "zstddecompressionerror",
          ],
          kind: "network",
          scope: "provider",
        },
        {
          proof: [
            "cert_not_yet_valid",
            "unable_to_verify_leaf_signature",
            "err_tls_handshake_timeout",
            "ssl_error_syscall",
            "eproto",
          ],
          kind: "network",
        },
      ],
    },
    {
      source: "Exceptions of Python, httpx, requests and aiohttp",
      rows: [
        { proof: ["readtimeout"], kind: "timeout" },
        {
          proof: [
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
      ],
    },
    {
      source: "Bun, whatever it was that failed; undici and Safari's engine, which say no more",
      rows: [
        { phrases: ["in the second argument to fetch"], kind: "network" },
        { phrases: ["load failed"], pattern: /^(?:typeerror: )?load failed$/m, kind: "network" },
        { phrases: ["terminated"], pattern: /(?:^|(?<!\bsignal): )terminated\]?$/m, kind: "network" },
      ],
    },
    {
      source:
        "Apple's URL Loading System, https://developer.apple.com/documentation/foundation/nsurlerrordomain",
      rows: [
        { phrases: ["nsurlerrordomain"], pattern: /-1001\b/, kind: "timeout" },
        { phrases: ["nsurlerrordomain"], kind: "network" },
      ],
    },
    {
      source: "Node's parser of HTTP: a port that speaks something else",
      rows: [{ phrases: ["parse error: expected http", "parse error: missing expected"], kind: "network" }],
    },
    {
      source:
        "urllib3, in front of what it was that failed each time: a time-out is called an error of the connection, too",
      rows: [
        {
          phrases: ["max retries exceeded with url"],
          pattern: /\bcaused by (?:connect|read)timeouterror\b/,
          kind: "timeout",
          scope: "provider",
        },
        { phrases: ["max retries exceeded with url"], kind: "network" },
      ],
    },
  ],
}
