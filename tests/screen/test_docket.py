"""The docket: which question runs next, and that none is lost or asked twice."""

from core.messages import Question
from tui.docket import MOST_TRIES, Docket


def test_questions_run_one_at_a_time_and_in_order() -> None:
    """A model server has one slot; a second question waits its turn."""
    docket = Docket()
    first, second = docket.add(Question("one")), docket.add(Question("two"))

    assert docket.begin() is first
    assert docket.begin() is None
    assert docket.waiting() == (second,)
    docket.end()
    assert docket.begin() is second


def test_a_follow_up_knows_its_conversation_although_it_was_typed_before_there_was_one() -> None:
    """What is queued behind the first question belongs to the same conversation."""
    docket = Docket()
    docket.add(Question("one"))
    follow_up = docket.add(Question("two"))
    docket.begin()
    docket.started(1, conversation=7, turn=70)
    docket.end()

    docket.begin()

    assert follow_up.question.conversation == 7


def test_a_question_that_was_put_back_is_asked_again_in_its_own_turn_and_first() -> None:
    """The store has its question already; a second turn would show it twice."""
    docket = Docket()
    first = docket.add(Question("one"))
    docket.add(Question("two"))
    docket.begin()
    docket.started(first.key, 7, 70)

    assert docket.put_back(70)

    assert docket.begin() is first
    assert first.question.again == 70


def test_a_question_is_not_tried_for_ever() -> None:
    """A server that looks well and does not answer must not be asked in a loop."""
    docket = Docket()
    docket.add(Question("one"))
    tries = 0
    while docket.begin():
        tries += 1
        if not docket.put_back(None):
            break

    assert tries == MOST_TRIES
    assert docket.running is None


def test_while_the_server_is_missing_each_question_is_given_to_the_engine_once_and_keeps_its_place() -> None:
    """A stored answer needs no server; whatever has none waits in order, and no try is used up."""
    docket = Docket()
    first, second = docket.add(Question("one")), docket.add(Question("two"))
    for _ in range(2):
        assert docket.has_new
        assert docket.begin(is_missing=True)
        assert docket.put_back(None)

    assert docket.begin(is_missing=True) is None
    assert not docket.has_new
    assert docket.waiting() == (first, second)
    assert (first.tries, second.tries) == (0, 0)
    assert docket.begin() is first


def test_again_for_a_question_that_waits_queues_it_no_second_time() -> None:
    """It would be asked twice as soon as the server is back."""
    docket = Docket()
    waiting = docket.add(Question("one"))
    docket.begin(is_missing=True)
    docket.put_back(7)

    assert docket.add_again(fit=True) is waiting

    assert docket.waiting() == (waiting,)
    assert (waiting.question.again, waiting.question.fit) == (7, True)


def test_a_late_word_of_a_left_conversation_does_not_reach_the_new_one() -> None:
    """The old answer's `started` must not make the next question a part of the old conversation."""
    former = Docket()
    late = former.add(Question("old"))
    former.begin()
    docket = former.anew()
    fresh = docket.add(Question("new"))
    docket.begin()

    docket.started(late.key, conversation=7, turn=70)

    assert docket.conversation is None
    assert fresh.key != late.key


def test_again_answers_the_last_question_in_its_turn() -> None:
    """Several answers to one question are one turn."""
    docket = Docket()
    docket.add(Question("one"))
    docket.begin()
    docket.started(1, 7, 70)
    docket.end()

    again = docket.add_again(fit=True)

    assert again is not None
    assert (again.key, again.text, again.question.again, again.question.fit) == (1, "one", 70, True)


def test_again_asks_a_question_anew_that_was_stopped_before_the_store_had_it() -> None:
    """Stopped in the same breath, it has no turn yet; it is still the last question."""
    docket = Docket()
    docket.add(Question("one"))
    docket.begin()
    docket.end()

    again = docket.add_again()

    assert again is not None
    assert (again.question.again, again.question.text) == (None, "one")


def test_again_needs_a_question_and_no_running_answer() -> None:
    """Nothing to ask again is said, not guessed."""
    docket = Docket()
    assert docket.add_again() is None
    docket.add(Question("one"))
    docket.begin()
    assert docket.add_again() is None


def test_dropped_questions_are_remembered_newest_first_also_in_the_next_conversation() -> None:
    """No store has them; up must bring them back."""
    docket = Docket()
    for text in ("one", "two", "three"):
        docket.add(Question(text))
    docket.drop_waiting()
    docket.add(Question("four"))

    assert docket.unasked() == ("four", "three", "two", "one")
    assert docket.anew().unasked() == ("four", "three", "two", "one")


def test_stored_turns_keep_their_numbers_and_new_ones_come_behind() -> None:
    """A continued conversation and its new questions must not share a place on the screen."""
    docket = Docket()
    docket.know(41, "stored")

    assert docket.add(Question("new")).key == 42
    assert docket.last is not None
    assert docket.last.text == "stored"


def test_a_question_asked_in_depth_alone_is_the_last_one_and_its_conversation_goes_on() -> None:
    """What is asked next belongs behind it, and /again means it."""
    docket = Docket()
    key = docket.asked_deep("why?")

    assert docket.is_last(key)
    assert docket.turn_of(key) is None
    docket.became(key, conversation=7, turn=3)
    assert (docket.conversation, docket.turn_of(key), docket.key_of(3)) == (7, 3, key)
    later = docket.add(Question("and?"))
    assert docket.has(later.key)
    assert not docket.has(key)
    docket.begin()
    assert docket.has(later.key)
    assert not docket.is_last(key)
