using ActorLogArchive.Ftp.Protocol;
using ActorLogArchive.Ftp.Server;
using ActorLogArchive.Ftp.Storage;

namespace ActorLogArchive.Ftp.Tests.Server;

public class HashMemoryTests
{
    private const int Size = 7;
    private static readonly DateTimeOffset Modified = DateTimeOffset.UnixEpoch;
    private readonly HashMemory _hashes = new();

    [Fact]
    public void However_many_files_come_the_last_one_is_remembered_and_no_more_than_there_is_room_for()
    {
        const int Files = 10_000;
        for (var i = 0; i < Files; i++)
        {
            Remember($"/{i}");
            Assert.NotNull(Find($"/{i}"));
        }

        Assert.InRange(Enumerable.Range(0, Files).Count(i => Find($"/{i}") is not null), 1, 4096);
    }

    [Fact]
    public void Another_size_time_or_range_is_not_what_is_remembered()
    {
        Remember("/a");

        Assert.Null(Find("/a", size: Size + 1));
        Assert.Null(Find("/a", modified: Modified.AddSeconds(1)));
        Assert.Null(Find("/a", end: Size - 1));
        Assert.NotNull(Find("/a"));
    }

    [Fact]
    public void All_below_a_folder_is_forgotten_with_it()
    {
        foreach (var path in new[] { "/d/a", "/d/e/b", "/da" })
            Remember(path);

        _hashes.ForgetTree(FtpPath.Parse("/d"));

        Assert.Null(Find("/d/a"));
        Assert.Null(Find("/d/e/b"));
        Assert.NotNull(Find("/da"));
    }

    private void Remember(string path) =>
        _hashes.Remember(FtpPath.Parse(path), new FtpHash(FtpHashAlgorithm.Xxh128, 0, Size, "00"), Size, Modified);

    private FtpHash? Find(string path, long size = Size, DateTimeOffset? modified = null, long end = Size) =>
        _hashes.Find(FtpPath.Parse(path), new FtpEntry(path, IsDirectory: false, size, modified ?? Modified), FtpHashAlgorithm.Xxh128, 0, end);
}
