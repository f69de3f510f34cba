using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.Conversations;

/// <summary>
/// The conversation of two people: made by the first who asks for it, found by all others. The row of the pair is unique; of two nodes
/// that make it in the same moment one collides with it, runs again, and finds what the other has made.
/// </summary>
internal sealed class StartDirect(Conversation direct, Guid userId, Guid otherId) : Change<StartedConversation>(direct.Id)
{
    private readonly (byte[] Low, byte[] High) _pair = PairRows.Of(userId, otherId);

    public override Conversation? Starts => direct;

    public override IReadOnlyList<Guid> MemberIds => [userId, otherId];

    internal override string Pair => Convert.ToHexStringLower([.. _pair.Low, .. _pair.High]);

    public override async Task<Result<StartedConversation>> Apply(Sql sql, ConversationHead head)
    {
        var (low, high) = _pair;
        if (await Existing(sql) is { } found) return new StartedConversation(found, Created: false);
        if (await Approached.By(sql, userId, [otherId]) is not [var other]) return Fault.NotFound;
        if (await other.RefusesPair(sql, userId)) return Fault.Forbidden;
        await sql.Execute("insert into direct_pairs (kind, low, high, conversation_id) values (3, @low, @high, @id)", ("low", low), ("high", high), ("id", direct.Id));
        head.Start();
        head.Tell(new ConversationCreated(head.Conversation));
        foreach (var member in (Guid[])[userId, otherId]) await MemberStore.Let(sql, head, member, direct.CreatedAt, read: 0);
        return new StartedConversation(direct.Id, Created: true);
    }

    public Task<Guid?> Existing(Sql sql) => sql.One(
        "select conversation_id from direct_pairs where kind = 3 and low = @low and high = @high", row => (Guid?)row.Uuid(0), ("low", _pair.Low), ("high", _pair.High));
}
