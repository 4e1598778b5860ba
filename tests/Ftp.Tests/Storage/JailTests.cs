using System.Diagnostics;
using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Tests.Storage;

public sealed class LinuxJailTests : JailTests
{
    public LinuxJailTests() => Jail = (IJail?)LinuxJail.TryOpen(Root) ?? throw new InvalidOperationException("This kernel has no openat2.");

    internal override IJail Jail { get; }

    [Fact]
    public void Links_that_stay_inside_are_followed()
    {
        Directory.CreateSymbolicLink(Path.Combine(Root, "inside"), "real");
        Directory.CreateDirectory(Path.Combine(Root, "real"));
        File.WriteAllText(Path.Combine(Root, "real", "f"), "abc");
        Assert.Equal(3, Jail.Find(FtpPath.Parse("/inside/f"))!.Size);
        Assert.Contains(Jail.List(FtpPath.Root), entry => entry is { Name: "inside", IsDirectory: true });
    }

    [Fact]
    public async Task A_link_swapped_in_while_files_are_opened_never_leads_out()
    {
        // "door" is a folder and a link to the outside in turn, as fast as can be; what is opened through it is never the secret.
        Directory.CreateDirectory(Path.Combine(Root, "folder"));
        File.WriteAllText(Path.Combine(Root, "folder", "secret"), "no");
        Directory.CreateSymbolicLink(Path.Combine(Root, "link"), Outside);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var swapping = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    Directory.Move(Path.Combine(Root, "folder"), Path.Combine(Root, "door"));
                    Directory.Move(Path.Combine(Root, "door"), Path.Combine(Root, "folder"));
                    Directory.Move(Path.Combine(Root, "link"), Path.Combine(Root, "door"));
                    Directory.Move(Path.Combine(Root, "door"), Path.Combine(Root, "link"));
                }
            },
            TestContext.Current.CancellationToken);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var handle = Jail.OpenRead(FtpPath.Parse("/door/secret"));
                Assert.Equal(2, RandomAccess.GetLength(handle));
            }
            catch (FtpStorageException refused)
            {
                Assert.True(refused.Error is FtpStorageError.NotFound or FtpStorageError.Denied, refused.Message);
            }
        }

        await swapping;
    }

    [Fact]
    public void A_pipe_is_refused_and_waits_for_nobody()
    {
        using var mkfifo = Process.Start("mkfifo", Path.Combine(Root, "pipe"));
        mkfifo.WaitForExit();
        Assert.Equal(FtpStorageError.Denied, Assert.Throws<FtpStorageException>(() => Jail.OpenRead(FtpPath.Parse("/pipe"))).Error);
        Assert.Equal(FtpStorageError.Denied, Assert.Throws<FtpStorageException>(() => Jail.OpenWrite(FtpPath.Parse("/pipe"), out _)).Error);
    }

    [Fact]
    public void A_name_that_is_not_UTF8_does_not_break_a_listing()
    {
        using var touch = Process.Start("sh", ["-c", $"touch \"{Root}/$(printf 'bad\\377name')\" \"{Root}/good\""]);
        touch.WaitForExit();
        Assert.Contains(Jail.List(FtpPath.Root), entry => entry.Name == "good");

        // .NET cannot name such a file, so the folder's own removal would fail.
        using var rm = Process.Start("sh", ["-c", $"rm \"{Root}\"/bad*"]);
        rm.WaitForExit();
    }
}

public sealed class PortableJailTests : JailTests
{
    public PortableJailTests() => Jail = new PortableJail(Root);

    internal override IJail Jail { get; }
}

/// <summary>What no jail lets through.</summary>
public abstract class JailTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    protected JailTests()
    {
        Directory.CreateDirectory(Root);
        Directory.CreateDirectory(Outside);
        File.WriteAllText(Path.Combine(Outside, "secret"), "top secret");
        Directory.CreateSymbolicLink(Path.Combine(Root, "out"), Outside);
        Directory.CreateSymbolicLink(Path.Combine(Root, "up"), "..");
        File.CreateSymbolicLink(Path.Combine(Root, "file"), Path.Combine(Outside, "secret"));
        File.CreateSymbolicLink(Path.Combine(Root, "new"), Path.Combine(Outside, "made"));
        File.CreateSymbolicLink(Path.Combine(Root, "loop"), "loop");
    }

    internal abstract IJail Jail { get; }

    protected string Root => _folder.At("root");

    protected string Outside => _folder.At("outside");

    public void Dispose()
    {
        Jail.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("/out/secret")]
    [InlineData("/up/outside/secret")]
    [InlineData("/file")]
    [InlineData("/loop")]
    public void A_link_that_leads_out_is_refused(string text)
    {
        var path = FtpPath.Parse(text);
        Refused(() => Jail.Find(path));
        Refused(() => Jail.OpenRead(path).Dispose());
        Refused(() => Jail.OpenWrite(path, out _).Dispose());
        Refused(() => Jail.SetModified(path, DateTimeOffset.UnixEpoch));
        Refused(() => Jail.SetMode(path, UnixFileMode.None));
        Assert.Equal("top secret", File.ReadAllText(Path.Combine(Outside, "secret")));
    }

    [Fact]
    public void Nothing_is_made_removed_or_moved_outside()
    {
        Refused(() => Jail.OpenWrite(FtpPath.Parse("/out/made"), out _).Dispose());
        Refused(() => Jail.OpenWrite(FtpPath.Parse("/new"), out _).Dispose());
        Refused(() => Jail.CreateDirectory(FtpPath.Parse("/out/made")));
        Refused(() => Jail.DeleteFile(FtpPath.Parse("/out/secret")));
        Refused(() => Jail.DeleteDirectory(FtpPath.Parse("/up/outside")));
        Refused(() => Jail.Rename(FtpPath.Parse("/out/secret"), FtpPath.Parse("/stolen")));
        Refused(() => Jail.Rename(FtpPath.Parse("/up"), FtpPath.Parse("/out/up")));
        Assert.Equal([Path.Combine(Outside, "secret")], Directory.GetFileSystemEntries(Outside));
    }

    [Fact]
    public void Links_that_lead_out_are_not_listed()
    {
        File.WriteAllText(Path.Combine(Root, "plain"), "");
        Assert.Equal(["plain"], Jail.List(FtpPath.Root).Select(entry => entry.Name));
        Refused(() => Jail.List(FtpPath.Parse("/out")).ToList());
    }

    private static void Refused(Action operation) => Assert.Throws<FtpStorageException>(operation);
}
