"""Requests that lie about where they end. What the HTTP server refuses itself, with words of its own, is `unseen`."""

from __future__ import annotations

from hostile.vector import DIRECT, Vector, bare, raw, sent, statuses

POST = "POST /sparql HTTP/1.1"
TYPE = f"Content-Type: {DIRECT}\r\n"
SECOND = "GET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"
BAD, LENGTH, EITHER = statuses(400), statuses(411), statuses(400, 411)


def lied(*heads: str, body: str = "ASK {}", version: str = "1.1", leaves: bool = False, **more: object) -> Vector:
    """A POST with these header lines before its body."""
    text = "".join(f"{line}\r\n" for line in heads)
    name = f"{', '.join(heads)}, HTTP/{version}, {body[:24]!r}" + (", and leaves" if leaves else "")
    return Vector(name, raw(TYPE + text + "\r\n" + body, first=f"POST /sparql HTTP/{version}"), leaves=leaves, **more)


# Our own code sees these, and refuses them.
SEEN = (
    lied("Transfer-Encoding: chunked", body="6\r\nASK {}\r\n0\r\n\r\n", expected=LENGTH, told="content-length"),
    Vector(
        "chunks of one byte",
        raw(TYPE + "Transfer-Encoding: chunked\r\n\r\n" + "1\r\n#\r\n" * 5_000 + "0\r\n\r\n", first=POST),
        LENGTH,
    ),
    Vector("body shorter than announced, read to its end", raw(TYPE + "Content-Length: 3\r\n\r\nASK {}", first=POST), BAD),
    Vector("no length", raw(TYPE + "\r\n", first=POST), statuses(400, 411)),
    Vector("length of nothing", sent("POST", "/sparql", f"Content-Type: {DIRECT}", body=b"", length=0), BAD),
)
# A client that has gone needs no answer.
CUT = (
    lied("Content-Length: 1000", expected=BAD, leaves=True, unseen=True),
    lied("Content-Length: 1000000", expected=BAD, leaves=True, unseen=True),
    lied("Transfer-Encoding: chunked", body="6\r\nASK", expected=EITHER, leaves=True, unseen=True),
    Vector("head cut off", raw("Accept: */", first=POST), BAD, leaves=True, unseen=True),
    Vector("nothing but a line", raw(first=POST), BAD, leaves=True, unseen=True),
    Vector("nothing at all", raw(b""), BAD, leaves=True, unseen=True),
)
# The HTTP server refuses most of these before our code sees them.
UNSEEN = (
    lied("Content-Length: +6", expected=BAD, unseen=True),
    lied("Content-Length: -1", expected=BAD, unseen=True),
    lied("Content-Length: six", expected=BAD, unseen=True),
    lied("Content-Length: 0x6", expected=BAD, unseen=True),
    lied("Content-Length: 6.0", expected=BAD, unseen=True),
    lied("Content-Length: 6 6", expected=BAD, unseen=True),
    lied("Content-Length:", expected=BAD, unseen=True),
    lied("Content-Length: 6,7", expected=BAD, unseen=True),
    lied("Content-Length : 6", expected=BAD, unseen=True),
    lied("Content-Length: 6", " folded: yes", expected=BAD, unseen=True),
    lied("Content-Length: 99999999999999999999", expected=statuses(400, 413), unseen=True),
    lied("Content-Length: 9223372036854775807", expected=statuses(400, 413), unseen=True),
    lied("Content-Length: 6", "Content-Length: 7", expected=BAD, unseen=True),
    lied("Content-Length: 6", "Transfer-Encoding: chunked", body="0\r\n\r\n" + SECOND, expected=EITHER, unseen=True),
    lied("Transfer-Encoding: chunked", "Content-Length: 6", body="0\r\n\r\n" + SECOND, expected=EITHER, unseen=True),
    lied("Transfer-Encoding: xchunked", expected=EITHER, unseen=True),
    lied("Transfer-Encoding: gzip, chunked", body="0\r\n\r\n", expected=EITHER, unseen=True),
    lied("Transfer-Encoding: chunked, identity", body="0\r\n\r\n", expected=EITHER, unseen=True),
    lied("Transfer-Encoding: chunked", "Transfer-Encoding: identity", body="0\r\n\r\n", expected=EITHER, unseen=True),
    lied("Transfer-Encoding:\x0bchunked", body="0\r\n\r\n", expected=EITHER, unseen=True),
    lied("Transfer-Encoding: chunked", body="6;x=\x00y\r\nASK {}\r\n0\r\n\r\n", expected=EITHER, unseen=True),
    lied("Transfer-Encoding: chunked", body="ffffffffffffffffff\r\nASK {}", expected=EITHER, unseen=True),
    lied("Transfer-Encoding: chunked", body="-6\r\nASK {}\r\n0\r\n\r\n", expected=EITHER, unseen=True),
    lied("Transfer-Encoding: chunked", version="1.0", body="6\r\nASK {}\r\n0\r\n\r\n", expected=EITHER, unseen=True),
    lied("Content-Length: 6", version="9.9", expected=statuses(400, 505), unseen=True),
    Vector("address of 100 kB", bare("GET", "/sparql?query=" + "x" * 100_000), statuses(400, 414, 431), unseen=True),
    Vector("path of 100 kB", bare("GET", "/" + "x" * 100_000), statuses(400, 404, 414, 431), unseen=True),
    Vector(
        "header of 70 kB", bare("GET", "/sparql?query=ASK%7B%7D", "X-Odd: " + "x" * 70_000), statuses(400, 431), unseen=True
    ),
    Vector(
        "header of 500 kB",
        bare("GET", "/sparql?query=ASK%7B%7D", "X-Odd: " + "x" * 500_000),
        statuses(400, 431),
        unseen=True,
    ),
    Vector("name of a header of 70 kB", bare("GET", "/", "X" * 70_000 + ": x"), statuses(400, 431), unseen=True),
    Vector("1,000 headers", bare("GET", "/", *(f"X-{n}: x" for n in range(1_000))), statuses(400, 431), unseen=True),
    Vector("NUL in a header", bare("GET", "/", "X-Odd: a\0b"), BAD, unseen=True),
    Vector("line end alone in a header", bare("GET", "/", "X-Odd: a\rX-More: b"), BAD, unseen=True),
    Vector("header without a name", bare("GET", "/", ": x"), BAD, unseen=True),
    Vector("header without a colon", bare("GET", "/", "nonsense"), BAD, unseen=True),
    Vector("line of two blanks", raw("\r\n", first="GET  /  HTTP/1.1"), BAD, unseen=True),
    Vector("line of a tab", raw("\r\n", first="GET\t/\tHTTP/1.1"), BAD, unseen=True),
    Vector("preface of HTTP/2", raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), BAD, unseen=True),
    Vector("hello of TLS", raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 512), BAD, unseen=True),
    Vector("noise", raw(bytes(range(256)) * 64), BAD, unseen=True),
    Vector("64 kB of line ends", raw("\r\n" * 32_768), BAD, leaves=True, unseen=True),
)

FRAMING = (*SEEN, *CUT, *UNSEEN)
# Behind each of these stands a second request, which must not be taken for one; nothing asks for the connection to be closed.
SMUGGLED = {
    name: raw(f"POST /sparql HTTP/1.1\r\nHost: HOST\r\n{TYPE}{heads}\r\n\r\n0\r\n\r\n{SECOND}")
    for name, heads in {
        "length and chunks": f"Content-Length: {5 + len(SECOND)}\r\nTransfer-Encoding: chunked",
        "chunks and length": f"Transfer-Encoding: chunked\r\nContent-Length: {5 + len(SECOND)}",
        "two lengths": f"Content-Length: 5\r\nContent-Length: {5 + len(SECOND)}",
        "list of lengths": f"Content-Length: 5, {5 + len(SECOND)}",
        "strange chunks": "Transfer-Encoding: xchunked",
        "length with a sign": "Content-Length: +5",
    }.items()
}
