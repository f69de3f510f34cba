using System.Runtime.InteropServices;

namespace United.Core.Messages;

/// <summary>
/// Posts of one batch without those that repeat the client_id of an earlier one: these share its outcome, whatever it is, since
/// nobody can tell in which of the two ways they came.
/// </summary>
internal readonly struct PostCopies
{
    private readonly List<(LaneItem<PostResult> Copy, LaneItem<PostResult> First)> _copies = [];

    public PostCopies(IReadOnlyList<LaneItem> posts)
    {
        Firsts = new List<LaneItem<PostResult>>(posts.Count);
        if (posts.Count == 1)
        {
            Firsts.Add((LaneItem<PostResult>)posts[0]);
            return;
        }
        var bySendKey = new Dictionary<Guid, LaneItem<PostResult>>(posts.Count);
        foreach (var post in posts.Cast<LaneItem<PostResult>>())
        {
            ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(bySendKey, post.Draft().SendKey, out var repeated);
            if (repeated) _copies.Add((post, first!));
            else Firsts.Add(first = post);
        }
    }

    public List<LaneItem<PostResult>> Firsts { get; }

    public void Settle()
    {
        foreach (var (copy, first) in _copies)
            copy.Settle(first.Outcome.TryGet(out var result, out var refusal) ? result with { Duplicate = true, Message = null } : refusal);
    }
}

internal static class PostItems
{
    public static PostDraft Draft(this LaneItem<PostResult> post) => ((PostChange)post.Change).Draft;
}
