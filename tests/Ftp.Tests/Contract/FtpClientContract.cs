using System.Security.Cryptography;
using System.Text;
using ActorLogArchive.Ftp.Client;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Tests.Contract;

/// <summary>What the client promises on every server: the same scenarios, run against each.</summary>
public abstract class FtpClientContract(ContractServer server) : IAsyncLifetime
{
    private FtpClient _client = null!;
    private string _folder = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server.Require();
        _client = new FtpClient(server.Options);
        _folder = $"{server.Home.TrimEnd('/')}/t{Guid.NewGuid():N}";
        await _client.EnsureDirectoryAsync(_folder, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20_000)]
    [InlineData(262_143)]
    [InlineData(262_144)]
    [InlineData(262_145)]
    [InlineData(3_000_000)]
    public async Task What_is_uploaded_is_downloaded_the_same(int size)
    {
        var content = Bytes(size);
        var result = await _client.UploadAsync(new MemoryStream(content), $"{_folder}/a.log", new FtpUploadOptions { Verify = true }, Cancel);

        Assert.Equal(size, result.Bytes);
        Assert.Equal(server.IsOurs ? FtpVerification.ByHash : FtpVerification.BySize, result.Verification);
        Assert.Equal(content, await DownloadAsync($"{_folder}/a.log"));
        Assert.Equal(size, await _client.GetSizeAsync($"{_folder}/a.log", Cancel));
    }

    [Fact]
    public async Task A_file_that_grew_is_continued_from_its_offset()
    {
        var content = Bytes(50_000);
        await _client.UploadAsync(new MemoryStream(content[..30_000]), $"{_folder}/a.log", cancellationToken: Cancel);
        var result = await _client.UploadAsync(
            new MemoryStream(content), $"{_folder}/a.log", new FtpUploadOptions { Offset = 30_000, Verify = true }, Cancel);

        Assert.Equal(20_000, result.Bytes);
        Assert.Equal(server.IsOurs ? FtpVerification.ByHash : FtpVerification.BySize, result.Verification);
        Assert.Equal(content, await DownloadAsync($"{_folder}/a.log"));
    }

    [Fact]
    public async Task A_local_file_is_sent_up_to_the_length_asked_for()
    {
        var local = Path.GetTempFileName();
        try
        {
            var content = Bytes(10_000);
            await File.WriteAllBytesAsync(local, content, Cancel);
            var result = await _client.UploadFileAsync(
                local, $"{_folder}/a.log", new FtpUploadOptions { Length = 4_000, Verify = true, Algorithm = FtpHashAlgorithm.Sha256 }, Cancel);

            Assert.Equal(4_000, result.Bytes);
            Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content.AsSpan(0, 4_000))), result.LocalHash!.Hex);
            Assert.Equal(content[..4_000], await DownloadAsync($"{_folder}/a.log"));
        }
        finally
        {
            File.Delete(local);
        }
    }

    [Fact]
    public async Task Many_small_files_one_after_the_other_all_arrive()
    {
        var progress = new List<long>();
        for (var number = 0; number < 150; number++)
        {
            var options = new FtpUploadOptions { Verify = true, Progress = new SynchronousProgress(progress.Add) };
            var result = await _client.UploadAsync(new MemoryStream(Bytes(1_000 + number, number)), $"{_folder}/{number}.log", options, Cancel);
            Assert.Equal(1_000 + number, result.Bytes);
            Assert.NotEqual(FtpVerification.Mismatch, result.Verification);
        }

        Assert.Equal(150, progress.Count);
        var items = await _client.ListAsync(_folder, Cancel);
        Assert.Equal(
            Enumerable.Range(0, 150).Select(number => ($"{number}.log", 1_000L + number)).OrderBy(pair => pair.Item1, StringComparer.Ordinal),
            items!.Select(item => (item.Name, item.Size)).OrderBy(pair => pair.Name, StringComparer.Ordinal));
        Assert.Equal(Bytes(1_149, 149), await DownloadAsync($"{_folder}/149.log"));
    }

    [Fact]
    public async Task Folders_are_made_with_all_that_is_missing_above()
    {
        var deep = $"{_folder}/a/b c/d";
        Assert.False(await _client.DirectoryExistsAsync(deep, Cancel));
        await _client.EnsureDirectoryAsync(deep, Cancel);
        await _client.EnsureDirectoryAsync(deep, Cancel);
        Assert.True(await _client.DirectoryExistsAsync(deep, Cancel));

        // One that has not seen them yet.
        await using var other = new FtpClient(server.Options);
        await other.EnsureDirectoryAsync($"{deep}/e", Cancel);
        Assert.True(await _client.ExistsAsync($"{deep}/e", Cancel));
    }

    [Fact]
    public async Task A_folder_cannot_be_made_below_a_file()
    {
        await _client.UploadAsync(new MemoryStream(Bytes(10)), $"{_folder}/a", cancellationToken: Cancel);
        await Assert.ThrowsAsync<FtpReplyException>(() => _client.EnsureDirectoryAsync($"{_folder}/a/b", Cancel));
        Assert.True(await _client.ExistsAsync($"{_folder}/a", Cancel));
    }

    [Fact]
    public async Task What_is_not_there_is_reported_as_absent()
    {
        Assert.False(await _client.ExistsAsync($"{_folder}/none", Cancel));
        Assert.Null(await _client.GetSizeAsync($"{_folder}/none", Cancel));
        Assert.Null(await _client.GetModifiedAsync($"{_folder}/none", Cancel));
        Assert.Null(await _client.GetEntryAsync($"{_folder}/none", Cancel));
        Assert.Null(await _client.ListAsync($"{_folder}/none", Cancel));
        Assert.Empty((await _client.ListAsync(_folder, Cancel))!);
    }

    [Fact]
    public async Task Odd_names_are_listed_and_found()
    {
        string[] names = ["with space", " leading", "#hash", "-rf", "quo\"te", "it's", "Ünïcödé 日本", ".hidden", "a -> b", "100%", "star*", "semi;colon"];
        foreach (var name in names)
        {
            await _client.UploadAsync(new MemoryStream(Bytes(3)), $"{_folder}/{name}", cancellationToken: Cancel);
        }

        await _client.EnsureDirectoryAsync($"{_folder}/sub folder", Cancel);
        var items = (await _client.ListAsync(_folder, Cancel))!;
        Assert.Equal(
            names.Append("sub folder").Order(StringComparer.Ordinal),
            items.Select(item => item.Name).Order(StringComparer.Ordinal));
        Assert.Equal("sub folder", Assert.Single(items, item => item.IsDirectory).Name);
        Assert.All(items, item => Assert.Equal(item.IsDirectory ? 0 : 3, item.Size));
        foreach (var name in names)
        {
            Assert.Equal(3, await _client.GetSizeAsync($"{_folder}/{name}", Cancel));
        }
    }

    [Fact]
    public async Task A_name_with_a_line_break_is_kept_or_refused_but_never_becomes_a_command()
    {
        var victim = $"{_folder}/victim";
        await _client.UploadAsync(new MemoryStream(Bytes(3)), victim, cancellationToken: Cancel);
        var name = $"x\nDELE {victim.Replace('/', '_')}";
        var attempt = () => _client.UploadAsync(new MemoryStream(Bytes(5)), $"{_folder}/{name}", cancellationToken: Cancel);
        if (server.IsOurs)
        {
            await attempt();
            Assert.Contains((await _client.ListAsync(_folder, Cancel))!, item => item.Name == name && item.Size == 5);
        }
        else
        {
            var exception = await Assert.ThrowsAsync<FtpPathException>(attempt);
            Assert.Contains("line break", exception.Message);
        }

        await Assert.ThrowsAsync<FtpPathException>(() => _client.ExistsAsync($"{_folder}/nul\0", Cancel));
        await Assert.ThrowsAsync<FtpPathException>(() => _client.ExecuteAsync($"NOOP\r\nDELE {victim}", Cancel));
        Assert.True(await _client.ExistsAsync(victim, Cancel));
    }

    [Fact]
    public async Task Renaming_and_removing_work_and_a_refusal_leaves_the_connection_usable()
    {
        await _client.UploadAsync(new MemoryStream(Bytes(7)), $"{_folder}/a", cancellationToken: Cancel);
        await _client.RenameAsync($"{_folder}/a", $"{_folder}/b", Cancel);
        Assert.Equal(7, await _client.GetSizeAsync($"{_folder}/b", Cancel));

        await Assert.ThrowsAsync<FtpReplyException>(() => _client.RenameAsync($"{_folder}/a", $"{_folder}/c", Cancel));
        var refusal = await Assert.ThrowsAsync<FtpReplyException>(() => _client.DeleteFileAsync($"{_folder}/a", Cancel));
        Assert.Equal(550, refusal.Code);
        Assert.Contains("DELE", refusal.Message);

        await _client.DeleteFileAsync($"{_folder}/b", Cancel);
        await _client.EnsureDirectoryAsync($"{_folder}/d", Cancel);
        await _client.RemoveDirectoryAsync($"{_folder}/d", Cancel);
        Assert.Empty((await _client.ListAsync(_folder, Cancel))!);
        await _client.EnsureDirectoryAsync($"{_folder}/d", Cancel);
        Assert.True(await _client.DirectoryExistsAsync($"{_folder}/d", Cancel));
    }

    [Fact]
    public async Task A_refused_upload_says_why_and_the_next_one_works()
    {
        var refusal = await Assert.ThrowsAsync<FtpReplyException>(() =>
            _client.UploadAsync(new MemoryStream(Bytes(500_000)), $"{_folder}/none/a.log", new FtpUploadOptions { Verify = true }, Cancel));
        Assert.InRange(refusal.Code, 550, 553);
        Assert.StartsWith("STOR", refusal.Command);

        await _client.UploadAsync(new MemoryStream(Bytes(9)), $"{_folder}/a.log", new FtpUploadOptions { Verify = true }, Cancel);
        Assert.Equal(Bytes(9), await DownloadAsync($"{_folder}/a.log"));
    }

    [Fact]
    public async Task A_download_starts_at_its_offset_and_a_missing_file_is_refused()
    {
        await _client.UploadAsync(new MemoryStream(Bytes(300_000)), $"{_folder}/a", cancellationToken: Cancel);
        var target = new MemoryStream();
        Assert.Equal(200_000, await _client.DownloadAsync($"{_folder}/a", target, 100_000, Cancel));
        Assert.Equal(Bytes(300_000)[100_000..], target.ToArray());

        var refusal = await Assert.ThrowsAsync<FtpReplyException>(() => _client.DownloadAsync($"{_folder}/none", target, 0, Cancel));
        Assert.Equal(550, refusal.Code);
        await _client.NoOpAsync(Cancel);
    }

    [Fact]
    public async Task A_cancelled_upload_leaves_a_prefix_and_the_next_operation_reconnects()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var content = Bytes(4_000_000);
        var progress = new SynchronousProgress(sent =>
        {
            if (sent > 1_000_000)
            {
                stop.Cancel();
            }
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _client.UploadAsync(new MemoryStream(content), $"{_folder}/a", new FtpUploadOptions { Progress = progress }, stop.Token));
        Assert.False(_client.IsConnected);

        var size = await _client.GetSizeAsync($"{_folder}/a", Cancel) ?? 0;
        Assert.InRange(size, 0, content.Length - 1);
        Assert.True(_client.IsConnected);

        // What arrived is a true prefix, so it can be continued; a server may take a moment to see that the writer is gone (450).
        var patience = new FtpBackoff { First = TimeSpan.FromMilliseconds(20), MaxRetries = 20 };
        await _client.RetryAsync(
            async (client, cancel) =>
            {
                var arrived = await client.GetSizeAsync($"{_folder}/a", cancel) ?? 0;
                await client.UploadAsync(new MemoryStream(content), $"{_folder}/a", new FtpUploadOptions { Offset = arrived }, cancel);
            },
            patience,
            Cancel);
        Assert.Equal(content, await DownloadAsync($"{_folder}/a"));
    }

    [Fact]
    public async Task Cancelling_at_any_moment_leaves_the_client_usable_and_nothing_half_done_taken_for_whole()
    {
        var content = Bytes(200_000);
        for (var moment = 0; moment < 25; moment++)
        {
            var path = $"{_folder}/{moment}";
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            stop.CancelAfter(TimeSpan.FromMicroseconds(150 * moment));
            var completed = false;
            try
            {
                var result = await _client.UploadAsync(new MemoryStream(content), path, new FtpUploadOptions { Verify = true }, stop.Token);
                completed = result.Verification != FtpVerification.Mismatch;
                Assert.True(completed || server.LosesEnds);
            }
            catch (OperationCanceledException)
            {
                Assert.True(stop.IsCancellationRequested);
            }

            var target = new MemoryStream();
            if (completed || await _client.ExistsAsync(path, Cancel))
            {
                await _client.DownloadAsync(path, target, 0, Cancel);
            }

            Assert.True(completed ? target.Length == content.Length : target.Length <= content.Length);
            Assert.Equal(content[..(int)target.Length], target.ToArray());
        }
    }

    [Fact]
    public async Task A_source_that_fails_breaks_the_upload_off_and_the_next_one_works()
    {
        var source = new FailingStream(Bytes(1_000_000), failAt: 600_000);
        await Assert.ThrowsAsync<InvalidDataException>(() => _client.UploadAsync(source, $"{_folder}/a", cancellationToken: Cancel));
        await Assert.ThrowsAsync<EndOfStreamException>(() =>
            _client.UploadAsync(new MemoryStream(Bytes(400_000)), $"{_folder}/b", new FtpUploadOptions { Length = 400_001 }, Cancel));

        await _client.UploadAsync(new MemoryStream(Bytes(9)), $"{_folder}/c", cancellationToken: Cancel);
        Assert.Equal(Bytes(9), await DownloadAsync($"{_folder}/c"));
    }

    [Fact]
    public async Task The_modification_time_is_set_where_the_server_can()
    {
        var time = new DateTimeOffset(2024, 7, 23, 11, 13, 25, TimeSpan.Zero);
        await _client.UploadAsync(new MemoryStream(Bytes(3)), $"{_folder}/a", new FtpUploadOptions { Modified = time }, Cancel);
        var offered = await _client.SetModifiedAsync($"{_folder}/a", time, Cancel);
        Assert.Equal(_client.Features.ModifyTime, offered);
        if (offered)
        {
            Assert.Equal(time, await _client.GetModifiedAsync($"{_folder}/a", Cancel));
        }
        else
        {
            Assert.NotNull(await _client.GetModifiedAsync($"{_folder}/a", Cancel));
        }
    }

    [Theory]
    [InlineData(FtpHashAlgorithm.Xxh128)]
    [InlineData(FtpHashAlgorithm.Crc32)]
    [InlineData(FtpHashAlgorithm.Sha256)]
    public async Task The_hash_of_a_range_is_the_servers_own(FtpHashAlgorithm algorithm)
    {
        var content = Bytes(100_000);
        await _client.UploadAsync(new MemoryStream(content), $"{_folder}/a b", cancellationToken: Cancel);
        var hash = await _client.HashAsync($"{_folder}/a b", algorithm, 10, 70_000, Cancel);
        if (!server.IsOurs)
        {
            Assert.Null(hash);
            return;
        }

        using var hasher = new FtpHasher(algorithm);
        hasher.Append(content.AsSpan(10, 69_990));
        Assert.Equal(new FtpHash(algorithm, 10, 70_000, hasher.CurrentHex()), hash);
        var refusal = await Assert.ThrowsAsync<FtpReplyException>(() => _client.HashAsync($"{_folder}/none", algorithm, 0, 5, Cancel));
        Assert.Equal(550, refusal.Code);
    }

    [Fact]
    public async Task Flushing_is_done_where_the_server_can()
    {
        await _client.UploadAsync(new MemoryStream(Bytes(3)), $"{_folder}/a", cancellationToken: Cancel);
        Assert.Equal(server.IsOurs, await _client.FlushAsync(Cancel));
    }

    [Fact]
    public async Task Relative_paths_start_from_the_working_directory()
    {
        await _client.EnsureDirectoryAsync($"{_folder}/sub", Cancel);
        await _client.ChangeDirectoryAsync(_folder, Cancel);
        await _client.ChangeDirectoryAsync("sub", Cancel);
        await _client.UploadAsync(new MemoryStream(Bytes(3)), "a", cancellationToken: Cancel);
        Assert.Equal(3, await _client.GetSizeAsync($"{_folder}/sub/a", Cancel));
        await Assert.ThrowsAsync<FtpReplyException>(() => _client.ChangeDirectoryAsync("none", Cancel));
        Assert.Equal($"{_folder}/sub", _client.WorkingDirectory);
    }

    [Fact]
    public async Task A_rate_limit_is_kept()
    {
        // Random, so that it is as much on the wire where it is compressed.
        var content = RandomNumberGenerator.GetBytes(40_000);
        var started = TimeProvider.System.GetTimestamp();
        await _client.UploadAsync(new MemoryStream(content), $"{_folder}/a", new FtpUploadOptions { RateLimit = 80_000 }, Cancel);
        Assert.True(TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromMilliseconds(450));
    }

    [Fact]
    public async Task A_rate_limit_is_kept_when_downloading()
    {
        await _client.UploadAsync(new MemoryStream(Bytes(40_000)), $"{_folder}/a", cancellationToken: Cancel);
        var started = TimeProvider.System.GetTimestamp();
        var progress = new List<long>();
        await _client.DownloadAsync(
            $"{_folder}/a", new MemoryStream(), new FtpDownloadOptions { RateLimit = 80_000, Progress = new SynchronousProgress(progress.Add) }, Cancel);
        Assert.True(TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromMilliseconds(450));
        Assert.Equal(40_000, progress[^1]);
        Assert.True(progress.Count > 3);
    }

    [Fact]
    public async Task A_download_is_verified_by_the_best_that_the_server_has()
    {
        await _client.UploadAsync(new MemoryStream(Bytes(70_000)), $"{_folder}/a", cancellationToken: Cancel);
        foreach (var offset in new[] { 0, 50_000, 70_000 })
        {
            var target = new MemoryStream();
            var result = await _client.DownloadAsync($"{_folder}/a", target, new FtpDownloadOptions { Offset = offset, Verify = true }, Cancel);
            Assert.Equal(Bytes(70_000)[offset..], target.ToArray());
            Assert.Equal(server.IsOurs ? FtpVerification.ByHash : FtpVerification.BySize, result.Verification);
            Assert.Equal(server.IsOurs, result.RemoteHash is not null);
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(100_000, false)]
    [InlineData(300_000, false)]
    [InlineData(100_000, true)]
    public async Task A_transfer_that_was_broken_off_is_resumed_in_both_directions(int there, bool differs)
    {
        var content = Bytes(300_000);
        var part = content[..there];
        if (differs)
        {
            part[^5] ^= 1;
        }

        var local = Path.GetTempFileName();
        try
        {
            await _client.UploadAsync(new MemoryStream(content), $"{_folder}/a", cancellationToken: Cancel);
            await File.WriteAllBytesAsync(local, part, Cancel);
            var down = await _client.DownloadFileAsync($"{_folder}/a", local, new FtpDownloadOptions { Resume = true, Verify = true }, Cancel);
            Assert.Equal(content, await File.ReadAllBytesAsync(local, Cancel));
            Assert.Equal(differs ? 300_000 : 300_000 - there, down.Bytes);
            Assert.NotEqual(FtpVerification.Mismatch, down.Verification);

            if (there > 0)
            {
                await _client.UploadAsync(new MemoryStream(part), $"{_folder}/b", cancellationToken: Cancel);
            }

            // Without a hash of a range, what the server has is taken for a prefix.
            if (server.IsOurs || !differs)
            {
                var up = await _client.UploadFileAsync(local, $"{_folder}/b", new FtpUploadOptions { Resume = true, Verify = true }, Cancel);
                Assert.Equal(content, await DownloadAsync($"{_folder}/b"));
                Assert.Equal(differs ? 300_000 : 300_000 - there, up.Bytes);
                Assert.NotEqual(FtpVerification.Mismatch, up.Verification);
            }
        }
        finally
        {
            File.Delete(local);
        }
    }

    [Fact]
    public async Task A_wrong_account_is_refused_without_showing_the_password()
    {
        await using var stranger = new FtpClient(server.Options with { UserName = "nobody-of-that-name", Password = "hunter2-hunter2" });
        var refusal = await Assert.ThrowsAsync<FtpSignInException>(() => stranger.ConnectAsync(Cancel));
        Assert.Contains("nobody-of-that-name", refusal.Message);
        Assert.DoesNotContain("hunter2", refusal.Message);
        Assert.False(stranger.IsConnected);
    }

    [Fact]
    public async Task Two_operations_at_once_are_an_error_of_the_caller()
    {
        var slow = _client.UploadAsync(new MemoryStream(Bytes(20_000)), $"{_folder}/a", new FtpUploadOptions { RateLimit = 40_000 }, Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _client.NoOpAsync(Cancel));
        await slow;
        await _client.NoOpAsync(Cancel);
    }

    private async Task<byte[]> DownloadAsync(string path)
    {
        var target = new MemoryStream();
        await _client.DownloadAsync(path, target, 0, Cancel);
        return target.ToArray();
    }

    private static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);

        // Line ends in all forms: binary type must leave them alone.
        Encoding.ASCII.GetBytes("\r\n\n\r").AsSpan(0, Math.Min(4, count)).CopyTo(bytes);
        return bytes;
    }

    private sealed class SynchronousProgress(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }

    private sealed class FailingStream(byte[] content, int failAt) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position >= failAt ? throw new InvalidDataException("bad disk") : base.ReadAsync(buffer[..Math.Min(buffer.Length, 100_000)], cancellationToken);
    }
}
