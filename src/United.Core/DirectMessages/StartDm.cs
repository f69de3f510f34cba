using United.Core.Identity;
using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.DirectMessages;

/// <summary>
/// The encrypted conversation of a pair: made by the first who asks for it, found by all others. The row of the pair is unique; of two
/// nodes that make it in the same moment one collides with it, runs again, and finds what the other has made.
/// </summary>
internal sealed class StartDm(Conversation dm, Guid userId, DmPair pair) : Change<StartedConversation>(dm.Id)
{
    private static readonly Refusal KeyMoved = new(Fault.Conflict, "recipient_pubkey", "This key was another account's.");

    public override Conversation? Starts => dm;

    public override IReadOnlyList<Guid> MemberIds => pair.UserIds;

    internal override string Pair => Convert.ToHexStringLower([.. pair.Low, .. pair.High]);

    public override async Task<Result<StartedConversation>> Apply(Sql sql, ConversationHead head)
    {
        if (await Existing(sql) is { } found) return found.IsOurs ? new StartedConversation(found.Id, Created: false) : KeyMoved;
        if (await Participants(sql) is not [_, _] participants) return Fault.NotFound;
        if (await Approached.By(sql, userId, [pair.Other(userId)]) is not [var other]) return Fault.NotFound;
        if (await other.RefusesPair(sql, userId)) return Fault.Forbidden;
        await sql.Execute("""
            insert into direct_pairs (kind, low, high, conversation_id, low_user_id, high_user_id) values (4, @low, @high, @id, @low_user, @high_user)
            """, ("low", pair.Low), ("high", pair.High), ("id", dm.Id), ("low_user", pair.LowUserId), ("high_user", pair.HighUserId));
        head.Start();
        head.Tell(new ConversationCreated(head.Conversation));
        foreach (var member in pair.UserIds) await MemberStore.Let(sql, head, member, dm.CreatedAt, read: 0);
        var made = new DmConversation(dm.Id, participants[0], participants[1], dm.CreatedAt);
        foreach (var member in pair.UserIds) head.Tell(new DmConversationCreated(member, made));
        return new StartedConversation(dm.Id, Created: true);
    }

    public Task<(Guid Id, bool IsOurs)?> Existing(Sql sql) => sql.One(
        "select conversation_id, low_user_id, high_user_id from direct_pairs where kind = 4 and low = @low and high = @high",
        row => ((Guid, bool)?)(row.Uuid(0), row.Uuid(1) == pair.LowUserId && row.Uuid(2) == pair.HighUserId), ("low", pair.Low), ("high", pair.High));

    // Both, the low one first, if these still are their keys.
    private Task<List<DmParticipant>> Participants(Sql sql) => sql.All("""
        select id, public_key, display_name from users
        where (id = @low_user and public_key = @low) or (id = @high_user and public_key = @high) order by public_key
        """, row => new DmParticipant(row.Uuid(0), PublicKeys.Hex(row.Bytes(1)), row.Text(2)),
        ("low_user", pair.LowUserId), ("low", pair.Low), ("high_user", pair.HighUserId), ("high", pair.High));
}
