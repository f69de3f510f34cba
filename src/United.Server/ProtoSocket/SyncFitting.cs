using United.Core.Messages;
using United.Wire.Ws;
using ConversationChanges = United.Wire.Ws.ConversationChanges;

namespace United.Server.ProtoSocket;

/// <summary>
/// An answer to sync, closed where it would pass 256 KiB. The client applies what it got and asks again with the revisions, and the server
/// time, that came with it; so every answer brings something new, or says that nothing is left.
/// </summary>
internal sealed class SyncFitting
{
    private readonly IReadOnlyDictionary<Guid, long> _known;
    private readonly SyncResponse _answer;
    private int _room = HistoryAnswer.MostBytes;

    private SyncFitting(IReadOnlyDictionary<Guid, long> known, SyncAnswer found, string logEpoch)
    {
        _known = known;
        _answer = new SyncResponse { LogEpoch = logEpoch, ServerTime = (ulong)found.ServerTime, More = found.More };
        _room -= _answer.CalculateSize() + 8;
    }

    public static SyncResponse Answer(IReadOnlyDictionary<Guid, long> known, SyncAnswer found, string logEpoch)
    {
        var fitting = new SyncFitting(known, found, logEpoch);
        fitting.Remove(found.Removed);
        foreach (var changed in found.Changed) if (!fitting.TryAdd(changed)) break;
        fitting.AddNew(found.Added);
        fitting.AddReceipts(found.Receipts);
        return fitting._answer;
    }

    // A request names no more conversations than fit a frame of half this size, so those that are gone fit.
    private void Remove(IReadOnlyList<Guid> removed)
    {
        Shapes.Add(_answer.Removed, removed);
        _room -= 40 * removed.Count;
    }

    private bool TryAdd(SyncedConversation changed)
    {
        var shape = Shapes.Of(changed);
        if (!Takes(Sizes.AsField(shape))) return false;
        _answer.Changed.Add(shape);
        // Messages come by the revision of their last change. So what stands before the first that is left out is whole up to that
        // one's revision: a message with an earlier change and a later one comes again, in its present state.
        foreach (var message in changed.Messages)
        {
            var wire = Shapes.Of(message);
            if (!Takes(Sizes.AsField(wire)))
            {
                CutBefore(message, shape, _known[changed.Id]);
                return false;
            }
            shape.Messages.Add(wire);
        }
        return true;
    }

    private void CutBefore(Message left, ConversationChanges shape, long since)
    {
        if (left.Revision - 1 > since) shape.Revision = (ulong)left.Revision - 1;
        else if (_answer.Changed.Count > 1 || _answer.Removed.Count > 0) _answer.Changed.Remove(shape);
        else Truncate(shape);
    }

    private static void Truncate(ConversationChanges shape)
    {
        shape.Truncated = true;
        shape.Messages.Clear();
        shape.Members.Clear();
    }

    private void AddNew(IReadOnlyList<ConversationView> added)
    {
        foreach (var view in added)
        {
            var shape = Shapes.Of(view);
            if (!Takes(Sizes.AsField(shape))) return;
            _answer.Added.Add(shape);
        }
    }

    // By time: the client asks next for what moved since the first that was left out.
    private void AddReceipts(IReadOnlyList<Core.Messages.Receipt> receipts)
    {
        foreach (var receipt in receipts.OrderBy(receipt => receipt.At))
        {
            var shape = Shapes.Of(receipt);
            if (_room < Sizes.AsField(shape))
            {
                _answer.ServerTime = Math.Min(_answer.ServerTime, (ulong)receipt.At);
                return;
            }
            _room -= Sizes.AsField(shape);
            _answer.Receipts.Add(shape);
        }
    }

    // The first thing that does not fit closes the answer.
    private bool Takes(int size)
    {
        _room -= size;
        _answer.More |= _room < 0;
        return _room >= 0;
    }
}
