using United.Core.Messages;
using United.Core.Realtime;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Realtime;

/// <summary>
/// Plays a history of posts, joins, removals, openings, closings, arrivals and departures on one or two nodes, over a database that is slow now and
/// then, and judges everything that is heard by what the log says.
/// </summary>
/// <param name="kind">Whether nothing is slow or lost: then nothing may be missing. Else a client may have to see by a later revision that it is behind.</param>
internal sealed class ReadersHistory(bool kind) : IDisposable
{
    private const int Conversations = 3;
    private const int Users = 4;

    private readonly ManualTime _time = new();
    private readonly FakeLog _log = new();
    private readonly Guid[] _conversations = [.. Enumerable.Range(0, Conversations).Select(_ => Ids.New(TimeProvider.System))];
    private readonly Guid[] _users = [.. Enumerable.Range(0, Users).Select(_ => Ids.New(TimeProvider.System))];
    private readonly List<RealtimeNode> _nodes = [];
    private readonly List<Listening> _listening = [];
    private readonly List<Task> _underWay = [];
    private readonly HashSet<(Guid Conversation, Guid User)> _shutOut = [];
    private readonly Dictionary<(Guid Conversation, Guid User), int> _letIn = [];
    private TaskCompletionSource? _slow;

    public static ReadersHistory Begin(int nodes, NetworkManners manners, bool slow, int seed)
    {
        var history = new ReadersHistory(kind: !slow && manners == NetworkManners.Good);
        for (var i = 0; i < Conversations; i++) history._log.Found(history._conversations[i], open: i == 0);
        history._log.BeforeAnswer = () => history._slow?.Task ?? Task.CompletedTask;
        var network = new LossyNetwork(seed, manners, history._time);
        for (var i = 0; i < nodes; i++) history._nodes.Add(RealtimeNode.Start(history._log, history._time, network.Join()));
        return history;
    }

    /// <param name="step">Any number from 0: says what happens, where, and to whom.</param>
    public async Task Do(int step)
    {
        var (act, rest) = (step % 16, step / 16);
        var node = _nodes[rest % _nodes.Count];
        var conversation = _conversations[rest / 2 % Conversations];
        var user = _users[rest / 6 % Users];
        switch (act)
        {
            case < 5: node.Publish(_log.Post(conversation)); break;
            case < 8: Move(node, conversation, user); break;
            case 8: Turn(node, conversation); break;
            case < 11: Arrive(node, user); break;
            case 11: Depart(rest); break;
            case 12: node.Hub.Doubt(); break;
            case 13 when !kind: Slower(); break;
            default: await Pass(TimeSpan.FromMilliseconds(rest % 40)); break;
        }
        if (kind) await Pass(TimeSpan.FromMilliseconds(1));
        else await Settle();
        Judge();
    }

    /// <summary>Lets everything that is under way arrive, compares with the database, and judges whether all was heard.</summary>
    public async Task End()
    {
        Faster();
        for (var i = 0; i < 3; i++)
        {
            foreach (var node in _nodes) node.Hub.Doubt();
            for (var j = 0; j < 3; j++) await Pass(TimeSpan.FromMilliseconds(100));
        }
        await Task.WhenAll(_underWay).WaitAsync(TestContext.Current.CancellationToken);
        Judge();
        foreach (var one in _listening.Where(one => one.Ear.Closed is null)) // who is closed catches up by coming back
            foreach (var conversation in _conversations)
                JudgeMissing(one, conversation);
    }

    public void Dispose()
    {
        foreach (var node in _nodes) node.Dispose();
    }

    private void Move(RealtimeNode node, Guid conversation, Guid user)
    {
        if (!_log.IsMember(conversation, user))
        {
            LetIn(conversation, user);
            node.Publish(_log.Join(conversation, user));
            return;
        }
        var removed = _log.Leave(conversation, user);
        var letIn = _letIn.GetValueOrDefault((conversation, user));
        node.Publish(removed);
        _underWay.Add(Revoke(node, removed.Revision, conversation, user, letIn));
    }

    private async Task Revoke(RealtimeNode node, long revision, Guid conversation, Guid user, int letIn)
    {
        await node.Fence(new ControlChange.MembershipRevoked(conversation, user, revision));
        lock (_shutOut)
        {
            // Acknowledged: what it heard until now is judged, and from now on it hears nothing until it is let in again.
            // (Who left an open conversation reads on; its closing has no fence.)
            if (letIn != _letIn.GetValueOrDefault((conversation, user)) || _log.MayReadAt(conversation, user, revision)) return;
            Judge();
            _shutOut.Add((conversation, user));
        }
    }

    private void Turn(RealtimeNode node, Guid conversation)
    {
        var open = !_log.MayRead(conversation, Guid.Empty); // nobody's: may read only what everybody may
        if (open) foreach (var user in _users) LetIn(conversation, user);
        node.Publish(_log.SetOpen(conversation, open));
    }

    private void LetIn(Guid conversation, Guid user)
    {
        lock (_shutOut)
        {
            Judge();
            _shutOut.Remove((conversation, user));
            _letIn[(conversation, user)] = _letIn.GetValueOrDefault((conversation, user)) + 1;
        }
    }

    private void Arrive(RealtimeNode node, Guid user)
    {
        var one = new Listening(node, node.Ear(user));
        lock (_shutOut) _listening.Add(one);
        _underWay.Add(Attach(one));
    }

    private async Task Attach(Listening one)
    {
        await one.Node.Attach(one.Ear);
        lock (_shutOut)
            foreach (var conversation in _conversations) one.Began[conversation] = _log.Revision(conversation);
    }

    private void Depart(int which)
    {
        lock (_shutOut)
        {
            if (_listening.Count == 0) return;
            var one = _listening[which % _listening.Count];
            one.Node.Hub.Detach(one.Ear.Session);
            _listening.Remove(one);
        }
    }

    private void Slower()
    {
        if (_slow is null) _slow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        else Faster();
    }

    private void Faster()
    {
        _slow?.SetResult();
        _slow = null;
    }

    private async Task Pass(TimeSpan time)
    {
        _time.Advance(time);
        await Settle();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await Settle();
    }

    private async Task Settle()
    {
        foreach (var node in _nodes)
            while (!await node.IsQuiet() && _slow is null) await Task.Yield();
        _underWay.RemoveAll(task => task.IsCompletedSuccessfully);
    }

    private void Judge()
    {
        lock (_shutOut)
            foreach (var one in _listening)
                foreach (var told in one.Ear.Heard())
                    if (told is ConversationEvent of) Judge(one, of);
                    else if (told is ReadingEnded ended) one.Last.Remove(ended.ConversationId); // what is heard of it later begins anew
    }

    private void Judge(Listening one, ConversationEvent told)
    {
        var (conversation, user) = (told.ConversationId, one.Ear.UserId);
        Assert.True(MayHear(told, user), $"{told} was heard by somebody who may not read it.");
        Assert.False(_shutOut.Contains((conversation, user)), $"{told} was heard after the removal was acknowledged.");
        var isNew = one.Heard.Add((conversation, told.Revision));
        if (!isNew && !kind) return; // a conversation that was opened and closed meanwhile may be told anew
        Assert.True(isNew, $"{told} was heard twice.");
        var last = one.Last.GetValueOrDefault(conversation);
        Assert.True(told.Revision > last, $"{told} was heard after revision {last}.");
        one.Last[conversation] = told.Revision;
    }

    // Who may read a conversation later than at the event may read all of it.
    private bool MayHear(ConversationEvent told, Guid user)
    {
        var head = kind ? told.Revision : _log.Revision(told.ConversationId);
        for (var revision = told.Revision; revision <= head; revision++)
            if (_log.MayReadAt(told.ConversationId, user, revision)) return true;
        return _log.MayRead(told.ConversationId, user);
    }

    // Rows that stand, and since whose change the user could read all the time.
    private void JudgeMissing(Listening one, Guid conversation)
    {
        var (user, head) = (one.Ear.UserId, _log.Revision(conversation));
        var readable = head;
        while (readable > 0 && _log.MayReadAt(conversation, user, readable)) readable--;
        foreach (var revision in _log.Standing(conversation, Math.Max(readable, one.Began[conversation])))
            Assert.True(
                one.Heard.Contains((conversation, revision)) || (!kind && one.Last.GetValueOrDefault(conversation) > revision),
                $"Revision {revision} of {head} was not heard.");
    }

    private sealed record Listening(RealtimeNode Node, Ear Ear)
    {
        public Dictionary<Guid, long> Began { get; } = [];
        public Dictionary<Guid, long> Last { get; } = [];
        public HashSet<(Guid, long)> Heard { get; } = [];
    }
}
