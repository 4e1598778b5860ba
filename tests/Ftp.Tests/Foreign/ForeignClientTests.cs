using System.Diagnostics;
using ActorLogArchive.Ftp.Tests.Server;
using ActorLogArchive.Ftp.Tests.Storage;

namespace ActorLogArchive.Ftp.Tests.Foreign;

/// <summary>Clients that others wrote, used as their users use them. Each works on the same little tree.</summary>
public sealed class ForeignClientTests : IDisposable
{
    private const string Awkward = "näme with #, 'quotes' & ü.log";

    private readonly TemporaryFolder _local = new();

    public ForeignClientTests()
    {
        Directory.CreateDirectory(_local.At("tree/sub dir"));
        File.WriteAllText(_local.At($"tree/{Awkward}"), "awkward\n");
        File.WriteAllText(_local.At("tree/sub dir/empty"), "");
        var big = new byte[2_000_000];
        new Random(7).NextBytes(big);
        File.WriteAllBytes(_local.At("tree/sub dir/big.bin"), big);
    }

    public void Dispose() => _local.Dispose();

    [Fact]
    public async Task Curl_uploads_lists_resumes_downloads_renames_and_deletes()
    {
        await using var server = await TestServer.StartAsync();
        var url = $"ftp://127.0.0.1:{server.Port}";
        var big = _local.At("tree/sub dir/big.bin");
        await CurlAsync("-T", big, "--ftp-create-dirs", $"{url}/made/here/big.bin");
        Same(big, Path.Combine(server.Home, "made/here/big.bin"));

        Assert.Contains("big.bin", await CurlAsync($"{url}/made/here/"), StringComparison.Ordinal);
        Truncate(Path.Combine(server.Home, "made/here/big.bin"), 500_000);
        await CurlAsync("-T", big, "-C", "-", $"{url}/made/here/big.bin");
        Same(big, Path.Combine(server.Home, "made/here/big.bin"));

        await File.WriteAllBytesAsync(_local.At("down"), (await File.ReadAllBytesAsync(big, TestContext.Current.CancellationToken))[..700_000], TestContext.Current.CancellationToken);
        await CurlAsync("-C", "-", "-o", _local.At("down"), $"{url}/made/here/big.bin");
        Same(big, _local.At("down"));

        await CurlAsync("-P", "-", "-o", _local.At("active"), $"{url}/made/here/big.bin");
        Same(big, _local.At("active"));
        await CurlAsync("-Q", "-RNFR made/here/big.bin", "-Q", "-RNTO made/here/two words", "-Q", "-DELE made/here/two words", "-Q", "-RMD made/here", $"{url}/");
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(server.Home, "made")));
        Task<string> CurlAsync(params string[] arguments) => RunAsync("curl", ["-sS", "--fail", "-m", "60", "-u", $"agent01:{TestServer.Password}", .. arguments]);
    }

    [Fact]
    public async Task Lftp_mirrors_up_and_down_resumes_and_removes()
    {
        await using var server = await TestServer.StartAsync();
        await LftpAsync($"mirror -R --parallel=3 '{_local.At("tree")}' up");
        await SameTreeAsync(_local.At("tree"), Path.Combine(server.Home, "up"));

        Truncate(Path.Combine(server.Home, "up/sub dir/big.bin"), 300_000);
        await LftpAsync($"put -c '{_local.At("tree/sub dir/big.bin")}' -o 'up/sub dir/big.bin'");
        await LftpAsync($"mirror --parallel=3 up '{_local.At("back")}'");
        await SameTreeAsync(_local.At("tree"), _local.At("back"));

        await LftpAsync("mkdir other; mv 'up/sub dir/empty' other/moved; chmod 640 other/moved; cls other; rm -r up");
        Assert.Equal(["other"], new DirectoryInfo(server.Home).GetFileSystemInfos().Select(entry => entry.Name));
        Assert.True(File.Exists(Path.Combine(server.Home, "other/moved")));

        Task<string> LftpAsync(string commands) => RunAsync(
            "lftp", "-u", $"agent01,{TestServer.Password}", "-p", $"{server.Port}", "-e", $"set cmd:fail-exit yes; set net:max-retries 2; set net:timeout 20; {commands}; quit", "127.0.0.1");
    }

    [Fact]
    public async Task Python_ftplib_does_all_it_can()
    {
        await using var server = await TestServer.StartAsync();
        const string Program = """
            import ftplib, io, sys
            f = ftplib.FTP(timeout=30)
            f.connect('127.0.0.1', int(sys.argv[1]))
            f.login('agent01', sys.argv[2])
            data = open(sys.argv[3], 'rb').read()
            assert f.mkd('a "b" ü') == '/agent01/a "b" ü'
            f.cwd('a "b" ü')
            assert f.pwd() == '/agent01/a "b" ü'
            for passive in (True, False):
                f.set_pasv(passive)
                f.storbinary('STOR näme #1', io.BytesIO(data))
                got = io.BytesIO(); f.retrbinary('RETR näme #1', got.write); assert got.getvalue() == data
                got = io.BytesIO(); f.retrbinary('RETR näme #1', got.write, rest=1000); assert got.getvalue() == data[1000:]
            f.storbinary('STOR näme #1', io.BytesIO(data[500:]), rest=500)
            f.storbinary('APPE näme #1', io.BytesIO(b'end'))
            assert f.size('näme #1') == len(data) + 3
            assert [n for n, facts in f.mlsd()] == ['näme #1'] and f.nlst() == ['näme #1']
            lines = []; f.retrlines('LIST', lines.append); assert len(lines) == 1, lines
            f.rename('näme #1', 'b')
            f.delete('b'); f.cwd('..'); f.rmd('a "b" ü'); assert f.nlst() == []
            try: f.cwd('/'); raise SystemExit('left the jail')
            except ftplib.error_perm as refused: assert str(refused).startswith('550')
            f.quit(); print('done')
            """;
        await File.WriteAllTextAsync(_local.At("program.py"), Program, TestContext.Current.CancellationToken);
        Assert.Contains("done", await RunAsync("python3", _local.At("program.py"), $"{server.Port}", TestServer.Password, _local.At("tree/sub dir/big.bin")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rclone_syncs_and_checks()
    {
        await using var server = await TestServer.StartAsync();
        var password = (await RunAsync("rclone", "obscure", TestServer.Password)).Trim();
        string[] flags = ["--config", "/dev/null", "--ftp-host", "127.0.0.1", "--ftp-port", $"{server.Port}", "--ftp-user", "agent01", "--ftp-pass", password, "--retries", "1"];
        await RunAsync("rclone", ["copy", "--create-empty-src-dirs", _local.At("tree"), ":ftp:/agent01/up", .. flags]);
        await SameTreeAsync(_local.At("tree"), Path.Combine(server.Home, "up"));
        await RunAsync("rclone", ["check", "--download", _local.At("tree"), ":ftp:/agent01/up", .. flags]);
        await RunAsync("rclone", ["moveto", ":ftp:/agent01/up/sub dir/big.bin", ":ftp:/agent01/up/moved", .. flags]);
        Same(_local.At("tree/sub dir/big.bin"), Path.Combine(server.Home, "up/moved"));
        await RunAsync("rclone", ["purge", ":ftp:/agent01/up", .. flags]);
        Assert.Empty(Directory.GetFileSystemEntries(server.Home));
    }

    [Fact]
    public async Task Ncftp_puts_lists_and_gets_a_tree()
    {
        await using var server = await TestServer.StartAsync();
        string[] who = ["-u", "agent01", "-p", TestServer.Password, "-P", $"{server.Port}"];
        await RunAsync("ncftpput", [.. who, "-R", "-m", "127.0.0.1", "up", _local.At("tree/sub dir")]);
        await SameTreeAsync(_local.At("tree/sub dir"), Path.Combine(server.Home, "up/sub dir"));
        Assert.Contains("big.bin", await RunAsync("ncftpls", [.. who, $"ftp://127.0.0.1/up/sub%20dir/"]), StringComparison.Ordinal);
        Directory.CreateDirectory(_local.At("got"));
        await RunAsync("ncftpget", [.. who, "-R", "127.0.0.1", _local.At("got"), "up/sub dir"]);
        await SameTreeAsync(_local.At("tree/sub dir"), _local.At("got/sub dir"));
    }

    private static void Same(string expected, string actual) => Assert.Equal(File.ReadAllBytes(expected), File.ReadAllBytes(actual));

    private static Task SameTreeAsync(string expected, string actual) => RunAsync("diff", "-r", expected, actual);

    private static void Truncate(string file, long length)
    {
        using var stream = File.OpenWrite(file);
        stream.SetLength(length);
    }

    private static async Task<string> RunAsync(string tool, params string[] arguments)
    {
        var token = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C.UTF-8";
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip($"{tool} is not installed");
            throw;
        }

        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync(token);
            var errors = process.StandardError.ReadToEndAsync(token);
            try
            {
                await process.WaitForExitAsync(token).WaitAsync(TimeSpan.FromMinutes(2), token);
            }
            catch
            {
                process.Kill();
                throw;
            }

            Assert.True(process.ExitCode == 0, $"{tool} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await output}{await errors}");
            return await output;
        }
    }
}
