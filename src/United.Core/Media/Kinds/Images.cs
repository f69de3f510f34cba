using System.Buffers.Binary;

namespace United.Core.Media.Kinds;

/// <summary>Still pictures, and how large the header says that they are: what a reader's program will make room for.</summary>
internal static class Images
{
    // The size of a JPEG follows colour profile and notes, which come in segments of 64 KiB at most.
    private const int MostSegments = 1_000;

    private static ReadOnlySpan<byte> Png => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static FileKind? Of(FileBytes bytes)
    {
        var head = bytes.Read(0, 32);
        if (head.StartsWith(Png)) return PngHeader(head);
        if (head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8)) return GifHeader(head);
        if (head.StartsWith("RIFF"u8) && head.Length >= 12 && head[8..].StartsWith("WEBP"u8)) return WebPHeader(head);
        return head is [0xFF, 0xD8, 0xFF, ..] ? JpegFrame(bytes) : null;
    }

    private static FileKind? PngHeader(ReadOnlySpan<byte> head) => head.Length >= 24 && head[12..].StartsWith("IHDR"u8)
        ? Kind("image/png", BinaryPrimitives.ReadUInt32BigEndian(head[16..]), BinaryPrimitives.ReadUInt32BigEndian(head[20..]))
        : null;

    private static FileKind? GifHeader(ReadOnlySpan<byte> head) => head.Length >= 10
        ? Kind("image/gif", BinaryPrimitives.ReadUInt16LittleEndian(head[6..]), BinaryPrimitives.ReadUInt16LittleEndian(head[8..]))
        : null;

    // RIFF size WEBP, then the first chunk: its name, its size, and from 20 on its content.
    private static FileKind? WebPHeader(ReadOnlySpan<byte> head)
    {
        if (head.Length < 30) return null;
        var chunk = head[12..16];
        if (chunk.SequenceEqual("VP8 "u8) && head[23..].StartsWith((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]))
            return Kind("image/webp", BinaryPrimitives.ReadUInt16LittleEndian(head[26..]) & 0x3FFFu, BinaryPrimitives.ReadUInt16LittleEndian(head[28..]) & 0x3FFFu);
        if (chunk.SequenceEqual("VP8L"u8) && head[20] == 0x2F)
        {
            var packed = BinaryPrimitives.ReadUInt32LittleEndian(head[21..]);
            return Kind("image/webp", (packed & 0x3FFF) + 1, ((packed >> 14) & 0x3FFF) + 1);
        }
        return chunk.SequenceEqual("VP8X"u8) ? Kind("image/webp", UInt24(head[24..]) + 1, UInt24(head[27..]) + 1) : null;
    }

    // Segments: FF, what it is, then (but for marks that stand alone) a length that counts itself. The frame header is one of C0 to CF.
    private static FileKind? JpegFrame(FileBytes bytes)
    {
        var at = 2L;
        for (var i = 0; i < MostSegments; i++)
        {
            var segment = bytes.Read(at, 9);
            if (segment.Length < 4 || segment[0] != 0xFF || segment[1] is 0x00 or 0xD9 or 0xDA) return null;
            if (segment[1] is 0xFF) at++;
            else if (segment[1] is 0x01 or (>= 0xD0 and <= 0xD8)) at += 2;
            else if (segment[1] is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                return segment.Length < 9 ? null : Kind("image/jpeg", BinaryPrimitives.ReadUInt16BigEndian(segment[7..]), BinaryPrimitives.ReadUInt16BigEndian(segment[5..]));
            else at += 2 + Math.Max((int)BinaryPrimitives.ReadUInt16BigEndian(segment[2..]), 2);
        }
        return null;
    }

    private static uint UInt24(ReadOnlySpan<byte> three) => (uint)(three[0] | (three[1] << 8) | (three[2] << 16));

    private static FileKind? Kind(string contentType, uint width, uint height) =>
        width is 0 or > int.MaxValue || height is 0 or > int.MaxValue ? null : new FileKind(MediaType.Image, contentType, (int)width, (int)height);
}
