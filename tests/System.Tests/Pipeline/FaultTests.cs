using System.Diagnostics;
using ActorLogArchive.SystemTests.Nodes;

namespace ActorLogArchive.SystemTests.Pipeline;

/// <summary>Faults of the machines around the two programs: what they do meanwhile, and that all is well once the fault is gone.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task A_full_disk_of_the_archive_stops_nothing_but_the_uploads_that_do_not_fit()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var tree = Directory.CreateDirectory(archive.TreeOf("agent01")).FullName;
        if (!await TryRunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tree))
            Assert.Skip("a small file system cannot be mounted here");
        try
        {
            var logs = archive.LogFolder("agent01");
            SampleLogs.Write(Path.Combine(logs, "a-large.log"), new byte[3 << 20]);
            SampleLogs.Write(Path.Combine(logs, "z-small.log"), "fits\n"u8.ToArray());

            var full = await archive.RunAgentAsync("agent01", "--once");

            Assert.True(full.ExitCode == 1, full.Output);
            Assert.Contains("a-large.log", full.Output);
            Assert.Equal("fits\n", await File.ReadAllTextAsync(Path.Combine(tree, "z-small.log"), TestContext.Current.CancellationToken));
            Assert.True(await TryRunAsync("mount", "-o", "remount,size=16m", tree));
            var later = await archive.RunAgentAsync("agent01", "--once");
            Assert.True(later.ExitCode == 0, later.Output);
            Assert.Equal([], Trees.Differences(logs, tree));
        }
        finally
        {
            await archive.StopArchiveAsync();
            await TryRunAsync("umount", "-l", tree);
        }
    }

    [Fact]
    public async Task A_full_disk_of_the_node_is_told_with_what_to_do_and_nothing_is_lost_or_sent_twice()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var (logs, data) = (archive.LogFolder("agent01"), Path.Combine(archive.Folder, "agents", "agent01"));
        Directory.CreateDirectory(data);
        if (!await TryRunAsync("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", data))
            Assert.Skip("a small file system cannot be mounted here");
        try
        {
            SampleLogs.Write(Path.Combine(logs, "before.log"), "before\n"u8.ToArray());
            await using var agent = archive.StartAgent("agent01");
            await TestArchive.UntilAsync(() => Task.FromResult(Trees.Differences(logs, archive.TreeOf("agent01")).Count == 0), TimeSpan.FromSeconds(60), () => agent.Output);
            Fill(Path.Combine(data, "filler"));
            for (var i = 0; i < 200; i++)
                SampleLogs.Write(Path.Combine(logs, $"meanwhile-{i}.log"), System.Text.Encoding.ASCII.GetBytes($"line of {i}\n"));
            await File.AppendAllTextAsync(Path.Combine(logs, "before.log"), "grown\n", TestContext.Current.CancellationToken);

            var told = "";
            await TestArchive.UntilAsync(
                async () => (told = (await archive.RunAgentAsync("agent01", "explain", Path.Combine(logs, "meanwhile-199.log"))).Output).Contains("disk is full", StringComparison.Ordinal),
                TimeSpan.FromSeconds(60),
                () => $"{told}\n{agent.Output}");
            Assert.Contains($"make room on the disk of data-dir {data}", told, StringComparison.Ordinal);
            Assert.Contains("error        ledger: SQLite Error 13", (await archive.RunAgentAsync("agent01", "status")).Output, StringComparison.Ordinal);
            File.Delete(Path.Combine(data, "filler"));

            await TestArchive.UntilAsync(
                () => Task.FromResult(Trees.Differences(logs, archive.TreeOf("agent01")).Count == 0),
                TimeSpan.FromSeconds(90),
                () => $"{string.Join('\n', Trees.Differences(logs, archive.TreeOf("agent01")))}\n{agent.Output}");
            Assert.False(agent.HasExited, agent.Output);
        }
        finally
        {
            await TryRunAsync("umount", "-l", data);
        }

        static void Fill(string file)
        {
            using var filler = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            try
            {
                while (true)
                    filler.Write(new byte[4096]);
            }
            catch (IOException)
            {
                // That was the last block.
            }
        }
    }

    [Fact]
    public async Task A_large_file_deleted_during_its_upload_is_read_to_its_end()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var log = Path.Combine(archive.LogFolder("agent01"), "large.log");
        var content = new byte[200 << 20];
        new Random(5).NextBytes(content);
        SampleLogs.Write(log, content);
        var arrived = new FileInfo(Path.Combine(archive.TreeOf("agent01"), "large.log"));
        await using var agent = archive.StartAgent("agent01", "--once");
        var deadline = Stopwatch.StartNew();
        while (!arrived.Exists || arrived.Length == 0)
        {
            Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(60) && !agent.HasExited, agent.Output);
            await Task.Delay(1, TestContext.Current.CancellationToken);
            arrived.Refresh();
        }

        File.Delete(log);
        arrived.Refresh();
        Assert.True(arrived.Length < content.Length, "the upload was over before the file was deleted");

        await TestArchive.UntilAsync(() => Task.FromResult(agent.HasExited), TimeSpan.FromSeconds(60), () => agent.Output);
        var archived = await File.ReadAllBytesAsync(arrived.FullName, TestContext.Current.CancellationToken);
        Assert.True(content.AsSpan().SequenceEqual(archived), $"{archived.Length} bytes arrived, or others");
    }

    [Fact]
    public async Task What_may_not_be_read_is_told_with_what_to_do_and_archived_once_it_may()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/setpriv"))
        {
            Assert.Skip("setpriv is not installed");
            return;
        }

        await using var archive = await TestArchive.StartAsync("agent01");
        if (Environment.IsPrivilegedProcess)
        {
            // Root as an ordinary user is: the mode of a file counts.
            const string Without = "-dac_override,-dac_read_search";
            archive.AgentsRunUnder = ["/usr/bin/setpriv", $"--inh-caps={Without}", $"--bounding-set={Without}"];
        }

        var logs = archive.LogFolder("agent01");
        var (file, folder) = (Path.Combine(logs, "secret.log"), Path.Combine(logs, "closed"));
        SampleLogs.Write(Path.Combine(logs, "open.log"), "open\n"u8.ToArray());
        SampleLogs.Write(file, "secret\n"u8.ToArray());
        SampleLogs.Write(Path.Combine(folder, "inner.log"), "inner\n"u8.ToArray());
        File.SetUnixFileMode(file, UnixFileMode.None);
        File.SetUnixFileMode(folder, UnixFileMode.None);
        try
        {
            await using var agent = archive.StartAgent("agent01");
            await TestArchive.UntilAsync(() => Task.FromResult(File.Exists(Path.Combine(archive.TreeOf("agent01"), "open.log"))), TimeSpan.FromSeconds(60), () => agent.Output);
            foreach (var path in new[] { file, Path.Combine(folder, "inner.log") })
            {
                var (_, explained) = await archive.RunAgentAsync("agent01", ["explain", path]);
                Assert.Contains("permission denied", explained);
                Assert.Contains("setfacl", explained);
            }

            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);

            await TestArchive.UntilAsync(
                () => Task.FromResult(Trees.Differences(logs, archive.TreeOf("agent01")).Count == 0),
                TimeSpan.FromSeconds(60),
                () => $"{string.Join('\n', Trees.Differences(logs, archive.TreeOf("agent01")))}\n{agent.Output}");
        }
        finally
        {
            // Else an ordinary user could not remove them.
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task A_file_that_the_disk_cannot_read_is_told_and_archived_once_it_can_while_others_go_on()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var logs = archive.LogFolder("agent01");
        var disk = Directory.CreateDirectory(Path.Combine(logs, "disk")).FullName;
        var (image, whole) = (Path.Combine(archive.Folder, "disk.img"), Path.Combine(archive.Folder, "disk.whole"));
        await using (var made = File.Create(image))
            made.SetLength(16 << 20);
        if (!await TryRunAsync("mkfs.ext4", "-q", "-b", "1024", image) || !await TryRunAsync("mount", "-o", "loop,noatime", image, disk))
            Assert.Skip("a disk of its own cannot be made here");
        try
        {
            var log = Path.Combine(disk, "spoilt.log");
            var content = new byte[3 << 20];
            new Random(7).NextBytes(content);
            SampleLogs.Write(log, content);
            Assert.True(await TryRunAsync("umount", disk) && await TryRunAsync("mount", "-o", "loop,noatime", image, disk));
            File.Copy(image, whole);
            Assert.Equal(content.Length, new FileInfo(log).Length);

            // The disk ends in the middle of the file's blocks: what lies behind is an input/output error, as bad sectors are.
            var end = 16L << 20;
            while (CanBeRead(log))
            {
                end -= 256 << 10;
                await using var cut = File.OpenWrite(image);
                cut.SetLength(end);
            }

            await using var agent = archive.StartAgent("agent01");
            SampleLogs.Write(Path.Combine(logs, "good.log"), "good\n"u8.ToArray());
            await TestArchive.UntilAsync(
                async () => (await archive.RunAgentAsync("agent01", ["explain", log])).Output.Contains("Input/output error", StringComparison.Ordinal), TimeSpan.FromSeconds(60), () => agent.Output);
            await TestArchive.UntilAsync(() => Task.FromResult(File.Exists(Path.Combine(archive.TreeOf("agent01"), "good.log"))), TimeSpan.FromSeconds(60), () => agent.Output);

            await using (var from = File.OpenRead(whole))
            await using (var to = File.OpenWrite(image))
                await from.CopyToAsync(to, TestContext.Current.CancellationToken);
            await TestArchive.UntilAsync(
                () => Task.FromResult(Trees.Differences(logs, archive.TreeOf("agent01")).Count == 0),
                TimeSpan.FromSeconds(90),
                () => $"{string.Join('\n', Trees.Differences(logs, archive.TreeOf("agent01")))}\n{agent.Output}");
        }
        finally
        {
            await TryRunAsync("umount", "-l", disk);
        }

        // Past the cache: what was read before the disk was cut would still be there.
        static bool CanBeRead(string file)
        {
            File.WriteAllText("/proc/sys/vm/drop_caches", "1");
            try
            {
                File.ReadAllBytes(file);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task Actors_that_cannot_be_started_anew_are_started_once_what_hinders_them_is_gone()
    {
        await using var archive = await TestArchive.StartAsync("agent01");
        var logs = archive.LogFolder("agent01");
        await using var agent = archive.StartAgent("agent01");
        await TestArchive.UntilAsync(async () => await archive.HealthOfAsync("agent01") == "online", TimeSpan.FromSeconds(60), () => agent.Output);
        var database = Path.Combine(archive.Folder, "agents", "agent01", "journal.db");
        File.Move(database, database + ".away");
        Directory.CreateDirectory(database);

        // An archive that was restarted does not know the agent, which starts its actors anew to join it.
        await archive.KillArchiveAsync();
        await archive.StartArchiveAsync();
        await TestArchive.UntilAsync(() => Task.FromResult(agent.Output.Contains("unable to open database file", StringComparison.Ordinal)), TimeSpan.FromSeconds(90), () => agent.Output);
        Directory.Delete(database);
        File.Move(database + ".away", database);
        SampleLogs.Write(Path.Combine(logs, "later.log"), "later\n"u8.ToArray());

        await TestArchive.UntilAsync(
            () => Task.FromResult(Trees.Differences(logs, archive.TreeOf("agent01")).Count == 0), TimeSpan.FromSeconds(60), () => agent.Output);
        Assert.False(agent.HasExited, agent.Output);
        Assert.Contains("cannot be started", agent.Output, StringComparison.Ordinal);
    }

    private static async Task<bool> TryRunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}
