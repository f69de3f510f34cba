using System.Text;

namespace United.Core.Media.Kinds;

/// <summary>
/// What a file is, by its first bytes and the headers that they announce; nothing is decoded, and nothing is believed of what its name says. What
/// is not known, or breaks off before it says how large its picture is, is a <see cref="MediaType.File"/>: kept, and never shown in a page.
/// </summary>
/// <param name="ContentType">One of a closed list.</param>
internal readonly record struct FileKind(MediaType Type, string ContentType, int? Width = null, int? Height = null)
{
    // What browsers may show in place. Everything else is downloaded: no markup, no script, no document.
    private static readonly HashSet<string> Shown =
    [
        "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "video/mp4", "video/webm", "video/quicktime",
        "audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/wav", "audio/webm",
    ];

    private const int TextProbe = 4096;

    public static bool IsShown(string contentType) => Shown.Contains(contentType);

    public static FileKind Of(Stream content)
    {
        var bytes = new FileBytes(content);
        return Images.Of(bytes) ?? IsoMedia.Of(bytes) ?? WebM.Of(bytes) ?? Audio.Of(bytes) ?? Document(bytes);
    }

    private static FileKind Document(FileBytes bytes)
    {
        if (bytes.Read(0, 5).SequenceEqual("%PDF-"u8)) return new FileKind(MediaType.File, "application/pdf");
        if (bytes.Read(0, 4).SequenceEqual("PK\x03\x04"u8)) return new FileKind(MediaType.File, "application/zip");
        return new FileKind(MediaType.File, IsText(bytes.Read(0, TextProbe), bytes.Length > TextProbe) ? "text/plain" : "application/octet-stream");
    }

    private static bool IsText(ReadOnlySpan<byte> probe, bool goesOn)
    {
        while (!probe.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(probe, out var rune, out var length);
            if (status == System.Buffers.OperationStatus.NeedMoreData) return goesOn;
            if (status != System.Buffers.OperationStatus.Done || (Rune.IsControl(rune) && rune.Value is not ('\t' or '\n' or '\r' or '\f'))) return false;
            probe = probe[length..];
        }
        return true;
    }
}
