using System.Buffers.Binary;
using System.Text;

namespace United.Testing;

/// <summary>The least that is a file of each kind: headers that are right, and no picture or sound.</summary>
public static class MediaSamples
{
    public static byte[] Png(int width = 3, int height = 2, string content = "") =>
        [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Big(13), .. "IHDR"u8, .. Big(width), .. Big(height), 8, 6, 0, 0, 0, .. Encoding.UTF8.GetBytes(content)];

    public static byte[] Gif(ushort width = 3, ushort height = 2) => [.. "GIF89a"u8, .. Little(width), .. Little(height), 0, 0, 0, 0x3B];

    /// <param name="before">Bytes of notes before the frame.</param>
    public static byte[] Jpeg(ushort width = 3, ushort height = 2, int before = 16) =>
        [0xFF, 0xD8, 0xFF, 0xE1, .. Short(before + 2), .. new byte[before], 0xFF, 0xFF, 0xC2, .. Short(17), 8, .. Short(height), .. Short(width), 3, .. new byte[9], 0xFF, 0xD9];

    public static byte[] WebPLossy(ushort width = 3, ushort height = 2) => WebP("VP8 ", [0, 0, 0, 0x9D, 0x01, 0x2A, .. Little(width), .. Little(height)]);

    public static byte[] WebPLossless(int width = 3, int height = 2) => WebP("VP8L", [0x2F, .. BitConverter.GetBytes((width - 1) | ((height - 1) << 14)), 0, 0, 0, 0, 0]);

    public static byte[] WebPExtended(int width = 3, int height = 2) =>
        WebP("VP8X", [0, 0, 0, 0, .. BitConverter.GetBytes(width - 1).AsSpan(0, 3), .. BitConverter.GetBytes(height - 1).AsSpan(0, 3)]);

    public static byte[] Avif(int width = 3, int height = 2) =>
        [.. Box("ftyp", [.. "avif"u8, 0, 0, 0, 0, .. "mif1"u8]), .. Box("meta", [0, 0, 0, 0, .. Box("iprp", Box("ipco", Box("ispe", [0, 0, 0, 0, .. Big(width), .. Big(height)])))])];

    /// <param name="handlers">Of each track: vide, soun.</param>
    public static byte[] Mp4(string brand, params string[] handlers) =>
        [.. Box("ftyp", [.. Encoding.ASCII.GetBytes(brand), 0, 0, 0, 0]), .. Box("mdat", new byte[100]), .. Box("moov", [.. handlers.SelectMany(Track)])];

    /// <param name="types">Of each track: 1 picture, 2 sound.</param>
    public static byte[] WebM(params byte[] types) =>
    [
        .. Element([0x1A, 0x45, 0xDF, 0xA3], Element([0x42, 0x82], "webm"u8)), 0x18, 0x53, 0x80, 0x67, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        .. Element([0x15, 0x49, 0xA9, 0x66], new byte[20]), .. Element([0x16, 0x54, 0xAE, 0x6B], [.. types.SelectMany(type => Element([0xAE], Element([0x83], [type])))]),
        .. Element([0x1F, 0x43, 0xB6, 0x75], new byte[50]),
    ];

    public static byte[] Opus() => [.. "OggS"u8, .. new byte[22], 1, 19, .. "OpusHead"u8, .. new byte[11]];

    public static byte[] Wav() => [.. "RIFF"u8, 36, 0, 0, 0, .. "WAVEfmt "u8, .. new byte[24]];

    /// <summary>Two frames of 128 kbit/s at 44,100 Hz.</summary>
    public static byte[] Mp3(bool tag = false) => [.. tag ? (byte[])[.. "ID3"u8, 4, 0, 0, 0, 0, 1, 2, .. new byte[130]] : [], .. Mp3Frame, .. Mp3Frame];

    public static byte[] Aac() => [.. AacFrame, .. AacFrame];

    private static byte[] Mp3Frame => [0xFF, 0xFB, 0x90, 0x00, .. new byte[413]];

    private static byte[] AacFrame => [0xFF, 0xF1, 0x50, 0x80, 0x02, 0x1F, 0xFC, .. new byte[9]];

    private static byte[] WebP(string chunk, ReadOnlySpan<byte> content) =>
        [.. "RIFF"u8, .. BitConverter.GetBytes(12 + content.Length), .. "WEBP"u8, .. Encoding.ASCII.GetBytes(chunk), .. BitConverter.GetBytes(content.Length), .. content];

    private static byte[] Track(string handler) => Box("trak", Box("mdia", Box("hdlr", [.. new byte[8], .. Encoding.ASCII.GetBytes(handler), .. new byte[12]])));

    private static byte[] Box(string name, ReadOnlySpan<byte> content) => [.. Big(8 + content.Length), .. Encoding.ASCII.GetBytes(name), .. content];

    private static byte[] Element(ReadOnlySpan<byte> id, ReadOnlySpan<byte> content) => [.. id, (byte)(0x80 | content.Length), .. content];

    private static byte[] Big(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Short(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Little(ushort value) => [(byte)value, (byte)(value >> 8)];
}
