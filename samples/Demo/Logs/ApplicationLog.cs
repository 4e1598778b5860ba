using System.Globalization;

namespace ActorLogArchive.Demo.Logs;

/// <summary>A shop's application log: levels, workers, orders, and now and then an error with its stack trace.</summary>
public sealed class ApplicationLog(Random random) : ILogSource
{
    private readonly Cast _customers = new(random, 60);
    private int _order = 48_000;

    public string? Header => null;

    public string NextEntry(DateTimeOffset at)
    {
        var customer = _customers.Pick(random);
        return random.Next(1000) switch
        {
            < 6 => Line(at, "ERROR", "Shop.Payment.PaymentClient", $"Payment of order {_order} failed after 3 attempts{PaymentTrace()}"),
            < 10 => Line(at, "ERROR", "Shop.Stock.StockRepository", $"Cannot reserve item {Item()}{StockTrace()}"),
            < 35 => Line(at, "WARN", "Shop.Data.QueryTimer", $"Slow query: {random.Next(800, 4200)} ms, SELECT … FROM orders WHERE customer = '{customer.Account}'"),
            < 45 => Line(at, "WARN", "Shop.Security.SignIn", $"Wrong password for {customer.Account} from {customer.Address} ({random.Next(1, 5)} in a row)"),
            < 400 => Line(at, "DEBUG", "Shop.Cart.CartService", $"Cart of {customer.Account}: {random.Next(1, 9)} items, {Amount()} EUR"),
            < 600 => Line(at, "INFO", "Shop.Checkout.OrderService", $"Order {++_order} of {customer.Name} accepted: {random.Next(1, 6)} items, {Amount()} EUR"),
            < 700 => Line(at, "INFO", "Shop.Shipping.Labels", $"Label for order {_order - random.Next(40)} printed, parcel {random.NextInt64():X16}"),
            _ => Line(at, "DEBUG", "Shop.Http.Requests", $"GET /products/{Item()} took {random.Next(2, 180)} ms, request {random.NextInt64():x16}"),
        };
    }

    private string Line(DateTimeOffset at, string level, string logger, string text) =>
        $"{at.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)} {level,-5} [worker-{random.Next(1, 9)}] {logger} - {text}";

    private string PaymentTrace() => $"""

        System.Net.Http.HttpRequestException: Connection refused (payments.shop.example:443)
         ---> System.Net.Sockets.SocketException (111): Connection refused
           at System.Net.Sockets.Socket.AwaitableSocketAsyncEventArgs.ThrowException(SocketError error, CancellationToken cancellationToken)
           at Shop.Payment.PaymentClient.ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken) in PaymentClient.cs:line {random.Next(80, 99)}
           --- End of inner exception stack trace ---
           at Shop.Payment.PaymentClient.ChargeAsync(Order order) in PaymentClient.cs:line {random.Next(40, 60)}
           at Shop.Checkout.OrderService.PlaceAsync(Cart cart, Customer customer) in OrderService.cs:line 131
        """;

    private string StockTrace() => $"""

        Shop.Stock.ConcurrencyException: Row version changed from {random.Next(100, 900)} while item was being reserved
           at Shop.Stock.StockRepository.ReserveAsync(Int32 item, Int32 count) in StockRepository.cs:line 77
           at Shop.Stock.Reservations.HoldAsync(Cart cart) in Reservations.cs:line 42
        """;

    private int Item() => 4000 + random.Next(900);

    private string Amount() => (random.Next(500, 45_000) / 100m).ToString("F2", CultureInfo.InvariantCulture);
}
