using System.Buffers.Binary;

namespace United.Core.Media.Kinds;

/// <summary>A few bytes at a time from anywhere in a file. Each reader of headers bounds how often it asks.</summary>
internal sealed class FileBytes(Stream content)
{
    private readonly byte[] _buffer = new byte[4096];

    public long Length { get; } = content.Length;

    /// <returns>Fewer where the file ends, none outside of it. Good until the next call.</returns>
    public ReadOnlySpan<byte> Read(long at, int count)
    {
        if (at < 0 || at >= Length) return [];
        content.Position = at;
        return _buffer.AsSpan(0, content.ReadAtLeast(_buffer.AsSpan(0, count), count, throwOnEndOfStream: false));
    }

    /// <returns>Null where the file ends before.</returns>
    public uint? UInt32(long at) => Read(at, 4) is { Length: 4 } four ? BinaryPrimitives.ReadUInt32BigEndian(four) : null;
}
