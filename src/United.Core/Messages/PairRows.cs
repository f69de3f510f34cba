using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>The conversations of two people: the direct one, and the encrypted ones, of which each change of an identity key makes another.</summary>
internal static class PairRows
{
    internal const string SelectWritten = """
        select cast(coalesce(sum(c.last_sequence), 0) as bigint) from conversations c join (
            select conversation_id from direct_pairs where kind = 3 and low = @low and high = @high
            union all select conversation_id from direct_pairs where low_user_id = @one and high_user_id = @other
            union all select conversation_id from direct_pairs where low_user_id = @other and high_user_id = @one) p on p.conversation_id = c.id
        where c.id <> @except
        """;

    /// <summary>The key of their direct conversation.</summary>
    public static (byte[] Low, byte[] High) Of(Guid one, Guid other)
    {
        var (low, high) = (one.ToByteArray(bigEndian: true), other.ToByteArray(bigEndian: true));
        return low.AsSpan().SequenceCompareTo(high) < 0 ? (low, high) : (high, low);
    }

    /// <summary>How many messages the two have written to each other, as far as it is committed.</summary>
    /// <param name="except">A conversation that is not counted.</param>
    public static async Task<long> Written(Sql sql, Guid one, Guid other, Guid except)
    {
        var (low, high) = Of(one, other);
        return await sql.Count(SelectWritten, ("low", low), ("high", high), ("one", one), ("other", other), ("except", except));
    }
}
