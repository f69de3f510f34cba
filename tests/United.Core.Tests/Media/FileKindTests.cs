using United.Core.Media;
using United.Core.Media.Kinds;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Media;

public sealed class FileKindTests
{
    private const int Mutations = 2_000;

    public static TheoryData<string, byte[]> Pictures => new()
    {
        { "image/png", MediaSamples.Png(640, 480) },
        { "image/gif", MediaSamples.Gif(640, 480) },
        { "image/jpeg", MediaSamples.Jpeg(640, 480) },
        { "image/jpeg", MediaSamples.Jpeg(640, 480, before: 60_000) },
        { "image/webp", MediaSamples.WebPLossy(640, 480) },
        { "image/webp", MediaSamples.WebPLossless(640, 480) },
        { "image/webp", MediaSamples.WebPExtended(640, 480) },
        { "image/avif", MediaSamples.Avif(640, 480) },
    };

    public static TheoryData<string, MediaType, byte[]> Others => new()
    {
        { "video/mp4", MediaType.Video, MediaSamples.Mp4("isom", "soun", "vide") },
        { "video/quicktime", MediaType.Video, MediaSamples.Mp4("qt  ", "vide") },
        { "audio/mp4", MediaType.Voice, MediaSamples.Mp4("M4A ", "soun") },
        { "audio/mp4", MediaType.Voice, MediaSamples.Mp4("iso5", "soun") },
        { "video/webm", MediaType.Video, MediaSamples.WebM(2, 1) },
        { "audio/webm", MediaType.Voice, MediaSamples.WebM(2) },
        { "audio/ogg", MediaType.Voice, MediaSamples.Opus() },
        { "audio/wav", MediaType.Voice, MediaSamples.Wav() },
        { "audio/mpeg", MediaType.Voice, MediaSamples.Mp3() },
        { "audio/mpeg", MediaType.Voice, MediaSamples.Mp3(tag: true) },
        { "audio/aac", MediaType.Voice, MediaSamples.Aac() },
        { "application/pdf", MediaType.File, [.. "%PDF-1.7\n"u8] },
        { "application/zip", MediaType.File, [.. "PK"u8, 3, 4, 20, 0] },
        { "text/plain", MediaType.File, [.. "Grüße\n"u8] },
        { "text/plain", MediaType.File, [.. "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"u8] },
        { "text/plain", MediaType.File, [.. "<!doctype html><script>alert(1)</script>"u8] },
        { "application/octet-stream", MediaType.File, [0x7F, .. "ELF"u8, 2, 1, 1, 0] },
        { "application/octet-stream", MediaType.File, [.. "text with a zero"u8, 0] },
        { "application/octet-stream", MediaType.File, [0xFF, 0xFE, 0x41, 0x00] },
        // Attack 68: what other programs would decode, whatever it is called.
        { "application/octet-stream", MediaType.File, [.. "II*\0"u8, 8, 0, 0, 0] },
        { "application/octet-stream", MediaType.File, [.. "8BPS"u8, 0, 1, 0, 0] },
        { "text/plain", MediaType.File, [.. "%!PS-Adobe-3.0 EPSF-3.0\n"u8] },
    };

    // Right in the beginning, and then not: no size that can be told, no track, another format in the same clothes.
    public static TheoryData<byte[]> Impostors => new()
    {
        MediaSamples.Png()[..20],
        MediaSamples.Png(0, 7),
        MediaSamples.Png(-1, 7),
        MediaSamples.Gif()[..9],
        MediaSamples.Jpeg()[..25],
        MediaSamples.Jpeg(0, 7),
        (byte[])[0xFF, 0xD8, 0xFF, 0xDA, 0, 2, 1, 2, 3, 4, 5],
        (byte[])[0xFF, 0xD8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        MediaSamples.WebPExtended()[..25],
        MediaSamples.Avif()[..^5],
        MediaSamples.Mp4("isom"),
        MediaSamples.Mp4("heic", "vide"),
        MediaSamples.Mp4("isom", "vide")[..^20],
        MediaSamples.WebM(),
        MediaSamples.WebM(1)[..30],
        (byte[])[0xFF, 0xFB, 0x90, 0x00, .. new byte[600]],
        (byte[])[.. "ID3"u8, 4, 0, 0, 0x7F, 0x7F, 0x7F, 0x7F],
        (byte[])[.. "OggS"u8, .. new byte[22], 1, 19, .. "fishead\0"u8],
    };

    [Theory, MemberData(nameof(Pictures))]
    public void A_picture_is_known_by_its_bytes_and_its_size_by_its_header(string contentType, byte[] bytes) =>
        Assert.Equal(new FileKind(MediaType.Image, contentType, 640, 480), Of(bytes));

    [Theory, MemberData(nameof(Others))]
    public void What_is_no_picture_is_known_by_its_bytes(string contentType, MediaType type, byte[] bytes) => Assert.Equal(new FileKind(type, contentType), Of(bytes));

    [Theory, MemberData(nameof(Impostors))]
    public void What_breaks_off_or_only_begins_like_something_is_a_file_of_no_kind(byte[] bytes) =>
        Assert.Equal(new FileKind(MediaType.File, "application/octet-stream"), Of(bytes));

    [Fact]
    public void A_picture_with_something_else_behind_it_is_that_picture()
    {
        byte[] gifar = [.. MediaSamples.Gif(), .. "PK"u8, 3, 4, .. "<script>alert(1)</script>"u8];
        byte[] script = [.. "GIF89a"u8, .. "/*"u8, .. "*/=1;alert(1)"u8];

        Assert.Equal("image/gif", Of(gifar).ContentType);
        Assert.Equal("image/gif", Of(script).ContentType);
        Assert.Equal("application/pdf", Of([.. "%PDF-<script>"u8]).ContentType);
    }

    [Theory]
    [InlineData("text/plain"), InlineData("application/pdf"), InlineData("application/zip"), InlineData("application/octet-stream"), InlineData("image/svg+xml"), InlineData("text/html")]
    public void No_document_is_shown_in_place(string contentType) => Assert.False(FileKind.IsShown(contentType));

    // Whatever stands in a header, the answer is one of the list and nothing is thrown, and every file ends.
    [Fact]
    public void Mutated_headers_are_read_without_fear()
    {
        var random = new Random(7);
        var known = Pictures.Select(row => row.Data.Item1).Concat(Others.Select(row => row.Data.Item1)).ToHashSet();
        foreach (var sample in Pictures.Select(row => row.Data.Item2).Concat(Others.Select(row => row.Data.Item3)))
        {
            for (var i = 0; i < Mutations; i++) Assert.Contains(Of(Mutated(sample, random)).ContentType, known);
        }
    }

    private static byte[] Mutated(byte[] sample, Random random)
    {
        var bytes = sample.AsSpan(0, Math.Min(sample.Length, 400)).ToArray();
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            var at = random.Next(bytes.Length);
            bytes[at] = random.Next(4) switch { 0 => 0, 1 => 0xFF, 2 => (byte)(bytes[at] ^ (1 << random.Next(8))), _ => (byte)random.Next(256) };
        }
        return random.Next(3) == 0 ? bytes[..random.Next(1, bytes.Length + 1)] : bytes;
    }

    private static FileKind Of(byte[] bytes) => FileKind.Of(new MemoryStream(bytes));
}
