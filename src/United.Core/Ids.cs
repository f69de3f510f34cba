using System.Security.Cryptography;

namespace United.Core;

/// <summary>
/// Identifiers are UUIDv7. A message id ends with the two last bytes of its conversation, so that a route that names only a
/// message can be sent to the right place once conversations live on several machines.
/// </summary>
public static class Ids
{
    public static Guid New(TimeProvider time) => Guid.CreateVersion7(time.GetUtcNow());

    public static Guid NewMessage(TimeProvider time, Guid conversationId)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(time.GetUtcNow()).TryWriteBytes(bytes, bigEndian: true, out _);
        BucketBytes(conversationId, bytes[14..]);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>0 to 65,535: the one function from which lanes, bus shards and later partitions are derived.</summary>
    public static int Bucket(Guid conversationId)
    {
        Span<byte> tail = stackalloc byte[2];
        BucketBytes(conversationId, tail);
        return (tail[0] << 8) | tail[1];
    }

    /// <summary>Lower case with hyphens, and nothing else: the one form in which ids travel.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Guid id) =>
        Guid.TryParseExact(text, "D", out id) && !text.ContainsAnyInRange('A', 'F');

    public static byte[] RandomBytes(int count) => RandomNumberGenerator.GetBytes(count);

    private static void BucketBytes(Guid conversationId, Span<byte> tail)
    {
        Span<byte> bytes = stackalloc byte[16];
        conversationId.TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[14..].CopyTo(tail);
    }
}
