using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using ActorLogArchive.Web.Tests.Fakes;
using ActorLogArchive.Web.Views;

namespace ActorLogArchive.Web.Tests.Api;

public sealed class ZipApiTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_folder_as_zip_has_every_file_byte_for_byte()
    {
        await using var site = await ArchiveSite.StartAsync();
        File.WriteAllBytes(Path.Combine(site.Root, "web-frontend-02/big.bin"), Random(3_000_000));
        using var client = site.SignedIn();

        using var answer = await client.GetAsync(Links.Zip("/web-frontend-02"), Stop);

        Assert.Equal("application/zip", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("web-frontend-02.zip", answer.Content.Headers.ContentDisposition!.FileNameStar);
        using var zip = new ZipArchive(await answer.Content.ReadAsStreamAsync(Stop));
        var expected = Directory.GetFiles(Path.Combine(site.Root, "web-frontend-02"), "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(site.Root, file)).Order(StringComparer.Ordinal);
        Assert.Equal(expected, zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        foreach (var entry in zip.Entries)
        {
            using var content = new MemoryStream();
            await using var opened = await entry.OpenAsync(Stop);
            await opened.CopyToAsync(content, Stop);
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(site.Root, entry.FullName), Stop), content.ToArray());
        }
    }

    [Fact]
    public async Task A_selection_holds_what_was_chosen_once_and_names_from_the_folder_above_all()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();

        using var answer = await client.PostAsJsonAsync("/api/v1/files/zip", new { paths = new[] { "/agent01/app/service.log", "/agent01/Logs", "/agent01/Logs/PhysicalWorldSimulator", "/agent01/app/service.log" } }, Stop);

        using var zip = new ZipArchive(await answer.Content.ReadAsStreamAsync(Stop));
        Assert.Equal(
            ["Logs/PhysicalWorldSimulator/20240723/PWS_UI_20240723_111325_1.txt", "Logs/PhysicalWorldSimulator/20240724/PWS_UI_20240724_080000_1.txt", "app/service.log"],
            zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        Assert.Equal("agent01.zip", answer.Content.Headers.ContentDisposition!.FileNameStar);
    }

    [Fact]
    public async Task A_form_with_the_chosen_paths_is_taken_as_well()
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();

        using var answer = await client.PostAsync("/api/v1/files/zip", new FormUrlEncodedContent([new("path", "/agent01/app/service.log"), new("path", "/agent01/app/dump.bin")]), Stop);

        using var zip = new ZipArchive(await answer.Content.ReadAsStreamAsync(Stop));
        Assert.Equal(["dump.bin", "service.log"], zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("/agent01/../../etc")]
    [InlineData("/..")]
    [InlineData("..%2f..%2fetc%2fpasswd")]
    [InlineData("/agent01/app%2f..%2f..%2f..%2fetc")]
    [InlineData("/agent01/nothing")]
    [InlineData("/agent01/\0")]
    public async Task What_is_not_archived_is_named_before_a_byte_is_sent(string path)
    {
        await using var site = await ArchiveSite.StartAsync();
        using var client = site.SignedIn();

        using var answer = await client.GetAsync("/api/v1/files/zip?path=/agent01/app&path=" + Uri.EscapeDataString(path), Stop);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Without_a_path_it_is_refused()
    {
        await using var site = await ArchiveSite.StartAsync(withSamples: false);
        using var client = site.SignedIn();

        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync("/api/v1/files/zip", Stop)).StatusCode);
    }

    [Theory]
    [InlineData("a/b.log", "a/b.log")]
    [InlineData("/a//b.log", "a/b.log")]
    [InlineData("../../etc/passwd", "__/__/etc/passwd")]
    [InlineData("a/../b", "a/__/b")]
    [InlineData("a\\..\\b", "a_.._b")]
    [InlineData("C:/x\n<y>", "C_/x_<y>")]
    [InlineData("a:b/10:00:00 \"x\".log", "a:b/10:00:00 \"x\".log")]
    [InlineData("ü/日本.log", "ü/日本.log")]
    public void A_name_in_the_zip_stays_below_where_it_is_unpacked(string path, string expected) => Assert.Equal(expected, Web.Api.ZipFolder.SafeName(path));

    [Fact]
    public async Task A_file_that_grows_is_taken_to_its_length_at_its_start_and_one_that_went_is_named()
    {
        var folder = Directory.CreateTempSubdirectory("ala-zip-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "a"));
            foreach (var name in (string[])["1.log", "2.log", "3.log"])
                await File.WriteAllTextAsync(Path.Combine(folder, "a", name), "at the start of " + name, Stop);
            var catalog = new DirectoryCatalog(folder);
            var selection = await Web.Api.ZipSelection.FindAsync(catalog, ["/a"], Stop);

            // Each write to the zip lets the first file grow and takes the last one away.
            using var target = new InterferingStream(() =>
            {
                File.AppendAllText(Path.Combine(folder, "a", "1.log"), "more");
                File.Delete(Path.Combine(folder, "a", "3.log"));
            });
            await new Web.Api.ZipFolder(catalog).WriteAsync(target, selection, Stop);

            using var zip = new ZipArchive(new MemoryStream(target.ToArray()));
            Assert.Equal("at the start of 2.log", Text(zip, "a/2.log"));
            Assert.StartsWith("at the start of 1.log", Text(zip, "a/1.log"), StringComparison.Ordinal);
            Assert.Contains("/a/3.log", Text(zip, Web.Api.ZipFolder.MissingName), StringComparison.Ordinal);
            Assert.Null(zip.GetEntry("a/3.log"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Text(ZipArchive zip, string name)
    {
        using var reader = new StreamReader(zip.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }

    private static byte[] Random(int length)
    {
        var bytes = new byte[length];
        new Random(7).NextBytes(bytes);
        return bytes;
    }

    private sealed class InterferingStream(Action interfere) : MemoryStream
    {
        public override bool CanSeek => false;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            interfere();
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
