using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Server.Tls;
using ActorLogArchive.Ftp.Tests.Storage;

namespace ActorLogArchive.Ftp.Tests.Server;

/// <summary>Holds docs/ftp-rfc-matrix.md to what the server does, and to the tests it names.</summary>
public class RfcMatrixTests
{
    private static readonly Regex Code = new("`([^`]+)`");
    private static readonly List<Row> Rows = ReadRows();

    [Fact]
    public void Every_row_says_done_or_refused_and_by_which_tests_that_is_held() => Assert.All(Rows, row =>
    {
        Assert.True(row.Server.StartsWith("done", StringComparison.Ordinal) || row.RefusalCode is not null, $"'{row.Server}' of '{row.Name}'");
        Assert.NotEmpty(row.Tests);
    });

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var tests = typeof(RfcMatrixTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Where(method => method.GetCustomAttributes().Any(attribute => attribute is FactAttribute)).Select(method => $"{type.Name}.{method.Name}"))
            .ToHashSet();
        Assert.All(Rows.SelectMany(row => row.Tests), test => Assert.Contains(test, tests));
    }

    [Fact]
    public void Every_command_of_the_server_is_there_as_done_and_nothing_else_is()
    {
        var done = Rows.Where(row => row.RefusalCode is null && row.Command is not null).Select(row => row.Verb).ToHashSet();
        Assert.Equal(["CCC"], CommandTable.Verbs.Where(verb => !done.Contains(verb))); // known, to be refused with reason
        Assert.Empty(done.Except(CommandTable.Verbs));
    }

    [Fact]
    public void Every_verb_that_the_server_knows_and_refuses_is_there_as_refused() =>
        Assert.Empty(CommandTable.RefusedVerbs.Except(Rows.Where(row => row.RefusalCode is not null).Select(row => row.Verb)));

    [Fact]
    public async Task Every_refusal_is_answered_with_the_code_that_is_told()
    {
        using var folder = new TemporaryFolder();
        var tls = new FtpServerTls(FtpServerCertificate.SelfSigned(folder.At("server.pem"), "localhost"));
        await using var server = await TestServer.StartAsync(options => options with { Tls = tls, CommandsPerSecondBeforeSignIn = 0 });
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        await client.UseTlsAsync();
        var refused = Rows.Where(row => row.RefusalCode is not null).ToList();
        Assert.NotEmpty(refused);
        foreach (var row in refused.Where(row => row.Server.EndsWith("always", StringComparison.Ordinal)))
            await ExpectRefusalAsync(client, row);

        await client.CommandAsync("USER agent01", 331);
        await client.CommandAsync($"PASS {TestServer.Password}", 230);
        foreach (var row in refused)
            await ExpectRefusalAsync(client, row);
    }

    [Fact]
    public async Task Every_feature_that_is_told_is_there_as_done()
    {
        using var folder = new TemporaryFolder();
        var tls = new FtpServerTls(FtpServerCertificate.SelfSigned(folder.At("server.pem"), "localhost"));
        await using var server = await TestServer.StartAsync(options => options with { Tls = tls });
        using var client = await server.ConnectAsync();
        await client.ExpectAsync(220);
        var features = (await client.CommandAsync("FEAT", 211)).Split('\n')[1..^1].Select(line => line.Trim().Split(' ')[0]);
        var told = Rows.Where(row => row.RefusalCode is null).Select(row => row.Verb).ToHashSet();
        Assert.Empty(features.Except(told));
    }

    private static async Task ExpectRefusalAsync(RawFtpClient client, Row row)
    {
        await client.SendAsync(row.Command + "\r\n");
        var reply = await client.ReplyAsync();
        Assert.True(reply.StartsWith($"{row.RefusalCode} ", StringComparison.Ordinal), $"'{row.Command}' is answered '{reply}', the table says {row.RefusalCode}.");
    }

    private static List<Row> ReadRows()
    {
        var lines = File.ReadAllLines(Repository.At("docs", "ftp-rfc-matrix.md"));
        return [.. lines
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| Verb or feature", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split(" | ", StringSplitOptions.TrimEntries))
            .Select(cells => cells.Length == 5 ? new Row(cells[0], cells[1], cells[4]) : throw new InvalidDataException($"Not five columns: {cells[0]}"))];
    }

    /// <param name="Name">A command in backticks, as it is sent, or a feature in words.</param>
    /// <param name="Server">Done, or refused with a code; always: before sign-in as well.</param>
    /// <param name="TestNames">Class.Method in backticks.</param>
    private sealed record Row(string Name, string Server, string TestNames)
    {
        public string? Command => Code.Match(Name) is { Success: true } match ? match.Groups[1].Value : null;

        public string Verb => (Command ?? Name).Split(' ')[0];

        public int? RefusalCode => Server.Split(' ') is ["refused", var code, ..] ? int.Parse(code, CultureInfo.InvariantCulture) : null;

        public IEnumerable<string> Tests => Code.Matches(TestNames).Select(match => match.Groups[1].Value);
    }
}
