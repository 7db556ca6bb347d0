"""A bot in Python, with the standard library alone: buys a share, waits until the order has ended, and says what became of it.

    COUNTERSIGN_TOKEN=cs_... python3 examples/bot.py SPY

A bot that states no confidence is reviewed: approve its order in the console, and it goes on.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

GATEWAY = os.environ.get("COUNTERSIGN_GATEWAY", "http://127.0.0.1:4020")
TOKEN = os.environ["COUNTERSIGN_TOKEN"]
HEADERS = {"APCA-API-KEY-ID": TOKEN[:9], "APCA-API-SECRET-KEY": TOKEN, "Content-Type": "application/json"}
ENDED = {"filled", "canceled", "expired", "rejected"}


def ask(method, path, body=None):
    """Sends a request. What was refused is printed with the rules that refused it, and ends the program."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(GATEWAY + path, data, HEADERS, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        sys.exit(f"refused: {json.load(error)['message']}")


def main():
    symbol = sys.argv[1] if len(sys.argv) > 1 else "SPY"
    order = {
        "symbol": symbol,
        "qty": "1",
        "side": "buy",
        "type": "market",
        "time_in_force": "day",
        # The same id again gives the same order: a request that was not answered is simply repeated.
        "client_order_id": str(uuid.uuid4()),
    }
    placed = ask("POST", "/v2/orders", order)
    print(placed["countersign"]["decision"], placed["countersign"]["url"], flush=True)
    while placed["status"] not in ENDED:
        time.sleep(0.5)
        placed = ask("GET", f"/v2/orders/{placed['id']}")
    print(placed["status"], placed["filled_qty"], placed["filled_avg_price"])


if __name__ == "__main__":
    main()
