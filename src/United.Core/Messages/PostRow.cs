using Npgsql;
using United.Core.Realtime;

namespace United.Core.Messages;

/// <summary>A row of the answer to <see cref="PostStatement"/>.</summary>
internal readonly struct PostRow(NpgsqlDataReader reader, PostDraft draft)
{
    public bool IsFresh => reader.GetBoolean(1);

    public bool IsApart => (PostVerdict)reader.GetInt32(0) == PostVerdict.Apart;

    public bool IsOfChannel => !reader.IsDBNull(3) && reader.GetInt16(3) == (int)ConversationKind.Channel;

    /// <summary>Adds its events.</summary>
    public Result<PostResult> Outcome(List<Event> events)
    {
        if ((PostVerdict)reader.GetInt32(0) is var verdict && verdict != PostVerdict.Ok) return verdict.Refusal();
        if (IsFresh) return Told(draft.Stored(reader.GetInt64(4), reader.GetInt64(5), Reply()), events);
        if (reader.GetGuid(6) != draft.Id) return draft.First(reader.GetGuid(6), reader.GetInt64(7), reader.GetInt64(8), reader.GetInt64(9));
        // This very message stands already: its commit succeeded before, and only the answer was lost. Unless somebody has
        // changed it since, and told of that, it has still to be told of.
        var stored = draft.Stored(reader.GetInt64(7), reader.GetInt64(8), Reply());
        return reader.GetBoolean(10) ? draft.Result(stored) : Told(stored, events);
    }

    // Whoever writes has read what stands above. Where others had written there, that is news for the sender's other devices. Channels have no
    // such columns.
    private bool PassedOver => reader.FieldCount > 11 && reader.GetBoolean(11);

    private bool ReadIsTold => reader.FieldCount > 12 && reader.GetBoolean(12);

    private PostResult Told(Message message, List<Event> events)
    {
        events.Add(new MessagePosted(message, reader.GetBoolean(2)));
        if (PassedOver) events.Add(WatermarkStore.PassedOver(message));
        if (ReadIsTold) events.Add(ReceiptStore.ReadUpTo(message));
        if (message.Flagged) events.Add(new MessageFlagged(message.ConversationId, message.Id));
        return draft.Result(message);
    }

    private ReplyPreview? Reply() => draft.ReplyToId is { } id
        ? new ReplyPreview(id, reader.GetInt64(13), reader.GetGuid(14), Excerpt.Of(reader.GetString(15)), reader.GetBoolean(16))
        : null;
}
