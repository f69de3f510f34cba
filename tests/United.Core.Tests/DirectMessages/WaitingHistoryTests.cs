using FsCheck;
using FsCheck.Fluent;
using United.Core.DirectMessages;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.DirectMessages;

/// <summary>Whatever people do, and whenever the server dies: what waits for each is what a plain list says.</summary>
public sealed class WaitingHistoryTests
{
    private const int People = 3, Kinds = 12, Choices = 6;

    private static readonly TimeSpan[] Spans = Array.ConvertAll((int[])[1, 4, 6, 30, 89, 100], seconds => TimeSpan.FromSeconds(seconds));
    private static readonly Arbitrary<int[]> Steps = Arb.Array(Gen.Choose(0, (People * Kinds * Choices) - 1).ToArbitrary());

    [Theory, EachDatabase]
    public async Task What_waits_is_what_was_neither_taken_nor_is_on_its_way(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await DmScene.On(engine, time);

        // FsCheck waits for each history itself, so it gets a thread of its own.
        await Task.Run(() => Prop.ForAll(Steps, async steps =>
        {
            await using var town = await Town.In(scene, time);
            foreach (var step in steps)
            {
                await town.Do(step);
                await town.AssertWaiting();
            }
        }).Check(Histories.Of(40, 60)), TestContext.Current.CancellationToken);
    }

    /// <summary>Three people who write to each other, in three conversations, and what should wait for whom.</summary>
    private sealed class Town(DmScene first, ManualTime time, Caller[] people, Dictionary<(int, int), Guid> conversations) : IAsyncDisposable
    {
        private static readonly TimeSpan Heard = TimeSpan.FromSeconds(5);

        private readonly List<Letter> _letters = [];
        private readonly Dictionary<(int Person, int Other), long> _read = [];
        private readonly List<TimeSpan>[] _here = [[], [], []];
        private DmScene _node = first.Other();
        private TimeSpan _now;

        public static async Task<Town> In(DmScene scene, ManualTime time)
        {
            var people = new Caller[People];
            for (var i = 0; i < People; i++) people[i] = await scene.Person();
            var conversations = new Dictionary<(int, int), Guid>();
            foreach (var (one, other) in ((int, int)[])[(0, 1), (0, 2), (1, 2)])
                conversations[(one, other)] = conversations[(other, one)] = await scene.Open(people[one], people[other]);
            return new Town(scene, time, people, conversations);
        }

        public ValueTask DisposeAsync() => _node.DisposeAsync();

        public Task Do(int step)
        {
            var (person, kind, choice) = (step % People, step / People % Kinds, step / (People * Kinds));
            var other = (person + 1 + (choice % 2)) % People;
            return kind switch
            {
                0 or 1 or 2 or 3 => Send(person, other),
                4 => Come(person),
                5 => Leave(person),
                6 or 7 => Pass(Spans[choice]),
                8 => Acknowledge(person, letter => letter.Number % (choice + 1) == 0),
                9 => Acknowledge(person, letter => letter.Number % 4 == choice),
                10 => choice < 3 ? Read(person, other) : Delete(person, choice),
                _ => choice < 2 ? Restart() : Send(person, other),
            };
        }

        public async Task AssertWaiting()
        {
            for (var person = 0; person < People; person++)
            {
                var waiting = _letters.Where(letter => letter.To == person && letter is { Taken: false, Given: null })
                    .OrderBy(letter => letter.Sent.Timestamp).ThenBy(letter => letter.Sent.ConversationId.ToString(), StringComparer.Ordinal).ThenBy(letter => letter.Sent.Sequence);
                Assert.Equal(waiting.Select(letter => letter.Sent.Id), await _node.Waiting(people[person]));
                Assert.InRange(await _node.Entries(people[person]), 0, _letters.Count(letter => letter.To == person && !letter.Acknowledged));
            }
        }

        private async Task Send(int from, int to)
        {
            var sent = await _node.Send(people[from], conversations[(from, to)]);
            // Who writes has read what stands above, as far as others are told; it waits all the same.
            _read[(from, to)] = sent.Sequence;
            _node.Live.Hear([new MessagePosted(sent, Open: false)]);
            var given = _here[to] is [var since, ..] ? (_now, _now - since >= Heard) : ((TimeSpan, bool)?)null;
            _letters.Add(new Letter(from, to, _letters.Count, sent) { Given = given });
        }

        private Task Come(int person)
        {
            _here[person].Add(_now);
            _node.Live.Count(people[person].UserId, _here[person].Count);
            return Task.CompletedTask;
        }

        private Task Leave(int person)
        {
            // It may be the one that was there longest, and dead for a while.
            if (_here[person].Count > 0) _here[person].RemoveAt(0);
            _node.Live.Count(people[person].UserId, _here[person].Count);
            foreach (var letter in _letters.Where(letter => letter.To == person))
                if (letter.Given is var (at, _) && (_here[person] is not [var since, ..] || at - since < Heard)) letter.Given = null;
            return Task.CompletedTask;
        }

        private async Task Pass(TimeSpan by)
        {
            time.Advance(by);
            _now += by;
            await _node.Queue.TakeOutlived();
            foreach (var letter in _letters)
            {
                if (letter.Given is not var (at, heard) || _now - at < DmScene.Sure) continue;
                letter.Given = null;
                letter.Taken |= heard;
                letter.Acknowledged |= heard;
            }
        }

        private async Task Acknowledge(int person, Func<Letter, bool> which)
        {
            var some = _letters.Where(letter => letter.To == person && which(letter)).ToList();
            await _node.Acknowledge(people[person], [.. some.Select(letter => letter.Sent.Id)]);
            foreach (var letter in some) letter.Taken = letter.Acknowledged = true;
        }

        private async Task Read(int person, int other)
        {
            var seen = _letters.Where(letter => letter.To == person && letter.From == other).Select(letter => letter.Sent.Sequence).DefaultIfEmpty().Average();
            await _node.Scene.Log.MarkRead(people[person], new MoveWatermark(conversations[(person, other)], (long)seen), TestContext.Current.CancellationToken);
            if ((long)seen <= _read.GetValueOrDefault((person, other))) return;
            _read[(person, other)] = (long)seen;
            TakeAll(person, other, letter => letter.Sent.Sequence <= (long)seen);
        }

        private async Task Delete(int person, int choice)
        {
            if (_letters.FindLast(letter => letter.From == person && letter is { Deleted: false } && letter.Number % 3 == choice - 3) is not { } letter) return;
            Assert.True((await _node.Scene.Log.Delete(people[person], new DeleteMessage(letter.Sent.ConversationId, letter.Sent.Id), TestContext.Current.CancellationToken)).Ok);
            letter.Deleted = letter.Taken = letter.Acknowledged = true;
        }

        private async Task Restart()
        {
            await _node.DisposeAsync();
            _node = first.Other();
            foreach (var sessions in _here) sessions.Clear();
            foreach (var letter in _letters) letter.Given = null;
        }

        private void TakeAll(int person, int other, Func<Letter, bool> which)
        {
            foreach (var letter in _letters.Where(letter => letter.To == person && letter.From == other && which(letter))) letter.Taken = true;
        }
    }

    private sealed record Letter(int From, int To, int Number, Message Sent)
    {
        /// <summary>To a connection that is still there: when, and whether it had been there long enough.</summary>
        public (TimeSpan At, bool Heard)? Given { get; set; }

        public bool Taken { get; set; }

        /// <summary>Taken one by one. What a watermark passed may still have its entry.</summary>
        public bool Acknowledged { get; set; }

        public bool Deleted { get; set; }
    }
}
