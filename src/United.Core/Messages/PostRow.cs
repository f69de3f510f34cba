using Npgsql;
using United.Core.Realtime;

namespace United.Core.Messages;

/// <summary>A row of the answer to <see cref="PostStatement"/> or <see cref="LonePostStatement"/>.</summary>
internal readonly struct PostRow(NpgsqlDataReader reader, PostDraft draft)
{
    public bool IsFresh => reader.GetBoolean(1);

    public bool IsApart => (PostVerdict)reader.GetInt32(0) == PostVerdict.Apart;

    /// <summary>Null: of no conversation.</summary>
    public ConversationKind? Kind => reader.IsDBNull(3) ? null : (ConversationKind)reader.GetInt16(3);

    /// <summary>Adds its events.</summary>
    public Result<PostResult> Outcome(List<Event> events)
    {
        if ((PostVerdict)reader.GetInt32(0) is var verdict && verdict != PostVerdict.Ok) return verdict.Refusal();
        if (IsFresh) return Told(draft.Stored(reader.GetInt64(4), reader.GetInt64(5), Reply()), events);
        if (reader.GetGuid(8) != draft.Id) return draft.First(reader.GetGuid(8), reader.GetInt64(9), reader.GetInt64(10), reader.GetInt64(11));
        // This very message stands already: its commit succeeded before, and only the answer was lost. Unless somebody has
        // changed it since, and told of that, it has still to be told of.
        var stored = draft.Stored(reader.GetInt64(9), reader.GetInt64(10), Reply());
        return reader.GetBoolean(12) ? draft.Result(stored) : Told(stored, events);
    }

    // Whoever writes has read what stands above. Where others had written there, that is news for the sender's other devices.
    private bool PassedOver => reader.GetBoolean(6);

    private bool ReadIsTold => reader.GetBoolean(7);

    private PostResult Told(Message message, List<Event> events)
    {
        events.Add(new MessagePosted(message, reader.GetBoolean(2)));
        if (PassedOver) events.Add(WatermarkStore.PassedOver(message));
        if (ReadIsTold) events.Add(ReceiptStore.ReadUpTo(message));
        if (message.Flagged) events.Add(new MessageFlagged(message.ConversationId, message.Id, message.Revision));
        return draft.Result(message);
    }

    private ReplyPreview? Reply() => draft.ReplyToId is { } id
        ? new ReplyPreview(id, reader.GetInt64(13), reader.GetGuid(14), Excerpt.Of(reader.GetString(15)), reader.GetBoolean(16))
        : null;
}
