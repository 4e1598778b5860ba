using System.Globalization;

namespace ActorLogArchive.Demo.Logs;

/// <summary>A web server's access log in the combined format: visitors of a shop, a crawler, and somebody who tries doors.</summary>
public sealed class WebAccessLog(Random random) : ILogSource
{
    private const string Crawler = "Mozilla/5.0 (compatible; ExampleBot/2.1; +https://crawler.example/bot)";

    private static readonly string[] Browsers =
    [
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    ];

    private static readonly string[] Doors = ["/.env", "/admin.php", "/wp-login.php", "/backup.zip", "/../../etc/passwd"];

    private readonly Cast _visitors = new(random, 60);

    public string? Header => null;

    public string NextEntry(DateTimeOffset at) => random.Next(100) switch
    {
        < 4 => Line(at, "203.0.113.66", "-", "GET", Doors[random.Next(Doors.Length)], 404, 162, "-", "curl/8.5.0"),
        < 10 => Line(at, "198.51.100.20", "-", "GET", $"/products/{Product()}", 200, Size(), "-", Crawler),
        _ => VisitorLine(at),
    };

    private string VisitorLine(DateTimeOffset at)
    {
        var visitor = _visitors.Pick(random);
        var browser = Browsers[visitor.Name.Length % Browsers.Length];
        var account = random.Next(3) == 0 ? visitor.Account : "-";
        return random.Next(100) switch
        {
            < 35 => Line(at, visitor.Address, account, "GET", $"/products/{Product()}", Status(), Size(), "https://shop.example/", browser),
            < 55 => Line(at, visitor.Address, account, "GET", $"/assets/app.{random.Next(3)}f3a9c.js", random.Next(4) == 0 ? 304 : 200, 48_213, "https://shop.example/", browser),
            < 70 => Line(at, visitor.Address, account, "GET", $"/search?q={Term()}&page={random.Next(1, 5)}", Status(), Size(), "https://shop.example/", browser),
            < 85 => Line(at, visitor.Address, account, "GET", "/", Status(), 7_431, "-", browser),
            < 93 => Line(at, visitor.Address, visitor.Account, "POST", "/api/cart/items", random.Next(30) == 0 ? 409 : 201, 312, "https://shop.example/cart", browser),
            < 97 => Line(at, visitor.Address, visitor.Account, "POST", "/api/orders", random.Next(12) == 0 ? 502 : 201, 518, "https://shop.example/checkout", browser),
            _ => Line(at, visitor.Address, "-", "POST", "/api/sessions", random.Next(3) == 0 ? 401 : 200, 96, "https://shop.example/sign-in", browser),
        };
    }

    private static string Line(DateTimeOffset at, string address, string account, string method, string path, int status, int size, string referrer, string agent)
    {
        var time = at.ToString("dd/MMM/yyyy:HH:mm:ss +0000", CultureInfo.InvariantCulture);
        return $"{address} - {account} [{time}] \"{method} {path} HTTP/1.1\" {status} {size} \"{referrer}\" \"{agent}\"";
    }

    private int Product() => 4000 + (int)(Math.Pow(random.NextDouble(), 2) * 900);

    private int Size() => 900 + random.Next(24_000);

    private int Status() => random.Next(200) switch { < 2 => 500, < 4 => 503, < 12 => 404, < 30 => 304, _ => 200 };

    private string Term() => random.GetItems(new[] { "lamp", "desk", "chair", "kettle", "rug", "shelf", "mirror" }, 1)[0];
}
