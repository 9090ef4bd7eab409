using Determinism.Ownership;
using Determinism.Tests.Scripted;

namespace Determinism.Tests.Ownership;

public class AgentSetTests
{
    [Fact]
    public void Agents_are_added_and_removed_and_come_in_ascending_order()
    {
        var random = new SplitMix(17);
        var set = default(AgentSet);
        var expected = new SortedSet<int>();
        for (int step = 0; step < 4_000; step++)
        {
            int agent = random.Below(254);
            // To and fro between nearly empty and nearly full.
            if (random.Below(8) < (step / 1_000 % 2 == 0 ? 6 : 2))
            {
                set.Add(agent);
                expected.Add(agent);
            }
            else
            {
                set.Remove(agent);
                expected.Remove(agent);
            }
            Assert.Equal(expected, [.. Members(set)]);
            Assert.Equal(expected.Count, set.Count);
            Assert.Equal(expected.Count == 0, set.IsEmpty);
            if (expected.Count > 0)
                Assert.Equal(expected.Min, set.First);
        }
    }

    [Fact]
    public void A_set_that_is_gone_through_may_change()
    {
        var set = default(AgentSet);
        for (int agent = 0; agent < 254; agent++)
            set.Add(agent);
        int seen = 0;
        foreach (int agent in set)
        {
            set.Remove(agent);
            seen++;
        }
        Assert.Equal(254, seen);
        Assert.True(set.IsEmpty);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(254)]
    public void A_words_holders_are_those_it_was_made_with(int agents)
    {
        var sets = new HolderSets(agents);
        var readers = default(AgentSet);
        long word = sets.WithHolders(OwnershipWord.Untouched, readers, 0);
        for (int agent = agents - 1; agent >= 0; agent--)
        {
            readers.Add(agent);
            long next = sets.WithHolders(word, readers, 0);
            sets.Release(word);
            word = next;
            Assert.Equal(Members(readers), Members(sets.Of(word)));
            Assert.True(sets.Contains(word, agent));
            Assert.Equal(readers.Count > 1, sets.HasOther(word, agent));
            Assert.Equal(agent > 0, !sets.Contains(word, 0));
        }
    }

    [Fact]
    public void A_set_in_the_same_slot_as_the_one_before_makes_another_word()
    {
        var sets = new HolderSets(254);
        var readers = default(AgentSet);
        readers.Add(3);
        readers.Add(200);
        long first = sets.WithHolders(OwnershipWord.Untouched, readers, 0);
        sets.Release(first);
        long second = sets.WithHolders(OwnershipWord.Untouched, readers, 0);
        Assert.Equal(OwnershipWord.HolderField(first), OwnershipWord.HolderField(second));
        Assert.NotEqual(first, second);
        Assert.Equal(OwnershipWord.LastWriter(first), OwnershipWord.LastWriter(second));
    }

    private static int[] Members(AgentSet set)
    {
        var members = new int[set.Count];
        set.CopyTo(members);
        return members;
    }
}
