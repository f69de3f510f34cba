namespace United.Core.DirectMessages;

/// <summary>Two identities that write to each other, as they are stored: the smaller key is the low one.</summary>
internal sealed record DmPair(Guid LowUserId, byte[] Low, Guid HighUserId, byte[] High)
{
    public static DmPair Of((Guid UserId, byte[] Key) one, (Guid UserId, byte[] Key) other) =>
        one.Key.AsSpan().SequenceCompareTo(other.Key) < 0
            ? new DmPair(one.UserId, one.Key, other.UserId, other.Key)
            : new DmPair(other.UserId, other.Key, one.UserId, one.Key);

    public IReadOnlyList<Guid> UserIds => [LowUserId, HighUserId];

    public Guid Other(Guid userId) => LowUserId == userId ? HighUserId : LowUserId;

    public byte[] KeyOf(Guid userId) => LowUserId == userId ? Low : High;
}
