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
      codes: [
        {
          codes: [
            "etimedout",
            "etimeout",
            "winerror10060",
            "errno110",
            "errno60",
            "esockettimedout",
            "und_err_connect_timeout",
            "connecttimeouterror",
            "connectiontimeout",
          ],
          strength: "proof",
          kind: "timeout",
          scope: "provider",
        },
        {
          codes: ["headerstimeouterror", "bodytimeouterror", "timeouterror"],
          strength: "proof",
          kind: "timeout",
        },
        { codes: ["apiconnectiontimeouterror"], strength: "proof", kind: "timeout", scope: "provider" },
        {
          codes: [
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
            "connectionrefused",
            "econnreset",
            "connectionreset",
            "connectionclosed",
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
            "failedtoopensocket",
            "und_err_socket",
            "und_err_closed",
            "socketerror",
            "dnsexception",
            "incompletemessage",
            "apiconnectionerror",
            "network_error",
          ],
          strength: "proof",
          kind: "network",
        },
        {
          // Something in between answers: a proxy that leads in a circle, a port that speaks no HTTP.
          codes: [
            "toomanyredirects",
            "redirecturltoolong",
            "redirecturlinvalid",
            "unsupportedredirectprotocol",
            "malformed_http_response",
            "zliberror",
            "brotlidecompressionerror",
            "zstddecompressionerror",
          ],
          strength: "proof",
          kind: "network",
          scope: "provider",
        },
        {
          codes: [
            "cert_not_yet_valid",
            "unable_to_verify_leaf_signature",
            "err_tls_handshake_timeout",
            "ssl_error_syscall",
            "eproto",
          ],
          strength: "proof",
          kind: "network",
        },
      ],
    },
    {
      source: "Exceptions of Python, httpx, requests and aiohttp",
      codes: [
        { codes: ["connecttimeout", "pooltimeout"], strength: "proof", kind: "timeout", scope: "provider" },
        { codes: ["readtimeout", "writetimeout", "readtimeouterror"], strength: "proof", kind: "timeout" },
        {
          codes: [
            "connectionerror",
            "connectionreseterror",
            "connectionrefusederror",
            "connectionabortederror",
            "brokenpipeerror",
            "connecterror",
            "readerror",
            "writeerror",
            "remoteprotocolerror",
            "newconnectionerror",
            "maxretryerror",
            "chunkedencodingerror",
            "sslerror",
            "proxyerror",
            "serverdisconnectederror",
            "clientconnectorerror",
            "clientoserror",
          ],
          strength: "proof",
          kind: "network",
        },
      ],
    },
    {
      source: "Bun, whatever it was that failed; undici and Safari's engine, which say no more",
      phrases: [
        { phrases: ["in the second argument to fetch"], kind: "network" },
        { phrases: ["load failed"], pattern: /^(?:typeerror: )?load failed$/m, kind: "network" },
        { phrases: ["terminated"], pattern: /(?:^|(?<!\bsignal): )terminated\]?$/m, kind: "network" },
      ],
    },
    {
      source:
        "Apple's URL Loading System, https://developer.apple.com/documentation/foundation/nsurlerrordomain",
      phrases: [
        { phrases: ["nsurlerrordomain"], pattern: /-1001\b/, kind: "timeout" },
        { phrases: ["nsurlerrordomain"], kind: "network" },
      ],
    },
    {
      source: "Node's parser of HTTP: a port that speaks something else",
      phrases: [
        { phrases: ["parse error: expected http", "parse error: missing expected"], kind: "network" },
      ],
    },
    {
      source:
        "urllib3, in front of what it was that failed each time: a time-out is called an error of the connection, too",
      phrases: [
        {
          phrases: ["max retries exceeded with url"],
          pattern: /\bcaused by (?:connect|read)timeouterror\b/,
          kind: "timeout",
          scope: "provider",
        },
      ],
    },
  ],
}
