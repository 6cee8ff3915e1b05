namespace SettlementGrid.Regions.Folding;

/// <summary>How many settlements of a person stand in one book; a link of the person's chain.</summary>
struct StandingCase
{
    public int Book;
    public int Count;

    /// <summary>Number of the next; 0: none.</summary>
    public int Next;
}

/// <summary>
/// Counts persons: exactly, each once at every level, also who had settlements in two counties of a city. A person's
/// chain holds a link for each book with a settlement, a handful at most.
/// </summary>
sealed class StandingCases(Persons persons, Books books)
{
    readonly Chunks<StandingCase> _links = new();

    /// <summary>A settlement of the person stands in the book (+1) or no longer does (−1); or several at once.</summary>
    public void Add(int person, Book book, int change)
    {
        ref var link = ref Link(person, book.Index);
        var before = link.Count;
        link.Count += change;
        if (before > 0 == link.Count > 0)
            return;
        var one = Math.Sign(change);
        Count(person, book, book, one);
        if (book.City is { } city)
            Count(person, book, city, one);
        if (book.Province is { } province)
            Count(person, book, province, one);
    }

    void Count(int person, Book book, Book counting, int one)
    {
        if (!StandsIn(person, book, counting))
            counting.Persons += one;
    }

    public StandingCase this[int number] => _links[number - 1];

    /// <summary>A link as it was written away; also one whose settlements no longer stand.</summary>
    public void Restore(int person, Book book, int count)
    {
        Link(person, book.Index);
        if (count > 0)
            Add(person, book, count);
    }

    /// <summary>Whether another settlement of the person stands within the upper book.</summary>
    bool StandsIn(int person, Book apart, Book upper)
    {
        for (var number = persons[person].Cases; number != 0;)
        {
            ref var link = ref _links[number - 1];
            if (link.Count > 0 && link.Book != apart.Index && books[link.Book] is var other
                && (other == upper || other.City == upper || other.Province == upper))
                return true;
            number = link.Next;
        }
        return false;
    }

    ref StandingCase Link(int person, int book)
    {
        ref var first = ref persons[person].Cases;
        if (first == 0)
        {
            first = _links.Add(new StandingCase { Book = book }) + 1;
            return ref _links[first - 1];
        }
        var number = first;
        while (true)
        {
            ref var link = ref _links[number - 1];
            if (link.Book == book)
                return ref link;
            if (link.Next == 0)
                break;
            number = link.Next;
        }
        var added = _links.Add(new StandingCase { Book = book }) + 1;
        _links[number - 1].Next = added;
        return ref _links[added - 1];
    }
}
