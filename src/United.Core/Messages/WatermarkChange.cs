using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>A move of one member's watermark that waits in a lane. Takes no revision.</summary>
internal sealed class WatermarkChange(Watermarks origin, WatermarkKind kind, Guid conversationId, Guid userId, long at) : Change<bool>(conversationId)
{
    private static readonly BatchSort Moves = new(connection => new WatermarkBatch(connection));

    public WatermarkKind Kind => kind;

    public Guid UserId => userId;

    /// <summary>Unix milliseconds.</summary>
    public long At => at;

    /// <summary>The furthest of those that joined. Set by <see cref="Watermarks"/> until the lane takes it.</summary>
    public long Sequence { get; set; }

    internal override BatchSort? Sort => Moves;

    internal override void Begin() => origin.Close(this);

    /// <returns>Whether it moved.</returns>
    public override async Task<Result<bool>> Apply(Sql sql, ConversationHead head) =>
        await WatermarkStore.Move(sql, kind, head, userId, Sequence, at);
}
