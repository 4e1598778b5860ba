using System.Net;
using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Tests.Contract;

/// <summary>The lines that src/Ftp/README.md shows.</summary>
public sealed class ReadmeExampleTests
{
    [Fact]
    public async Task Five_lines_serve_a_folder_and_five_lines_send_a_verified_file()
    {
        var cancel = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("ftp-readme-").FullName;
        var local = Path.GetTempFileName();
        await File.WriteAllTextAsync(local, "one line\n", cancel);
        try
        {
            var accounts = new AccountTableAuthenticator().Set(new FtpAccount("agent01", FtpPath.Root, FtpPermissions.All), "secret");
            using var storage = new DirectoryStorage(folder);
            await using var server = new FtpServer(new FtpServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) }, accounts, storage);
            await server.StartAsync(cancel);

            var options = new FtpClientOptions { Host = "127.0.0.1", Port = server.LocalEndPoint.Port, UserName = "agent01", Password = "secret" };
            await using var client = await FtpClient.ConnectWithBackoffAsync(options, cancellationToken: cancel);
            await client.EnsureDirectoryAsync("/Logs/20240723", cancel);
            var result = await client.UploadFileAsync(local, "/Logs/20240723/app.log", new FtpUploadOptions { Verify = true }, cancel);
            await client.RetryAsync((ftp, token) => ftp.FlushAsync(token), new FtpBackoff { MaxRetries = 5 }, cancel);

            Assert.Equal(FtpVerification.ByHash, result.Verification);
            Assert.Equal("one line\n", await File.ReadAllTextAsync(Path.Combine(folder, "Logs/20240723/app.log"), cancel));
        }
        finally
        {
            File.Delete(local);
            Directory.Delete(folder, recursive: true);
        }
    }
}
